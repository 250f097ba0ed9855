import Controller
import Kubernetes
import Wire

extension SimWorld {
    /// Asks the webhooks of all installations about a change, as their configurations have it.
    func review(_ route: SimRoute, _ before: JSON, _ after: JSON, by user: SimUser) -> SimReview {
        guard hasWebhook, user != .kubernetes else { return .allowed(after) }
        let isSet = route.resource == .statefulSets && (route.subresource == nil || route.subresource == "scale")
        let isRuntime = route.resource == .alluxioRuntimes && (route.subresource == nil || route.subresource == "scale")
        guard isSet || isRuntime,
            before["spec"] != after["spec"] || before.at("metadata", "labels") != after.at("metadata", "labels")
        else { return .allowed(after) }
        var result = after
        for installation in 0..<plan.installations {
            let alive = processes.filter { $0.installation == installation && $0.isAlive }
            guard let handler = random.any(alive)?.handler, !faults.isActive("webhook", now: now) else {
                // The hold fails closed, but for `/scale`, whose object has no labels.
                if isSet, route.subresource == nil {
                    return .denied(.refusal(500, "InternalError", "failed calling webhook: connection refused"))
                }
                continue
            }
            switch asked(handler, isSet ? "/mutate" : "/validate", route, before, result, by: user) {
            case .denied(let refusal): return .denied(refusal)
            case .allowed(let object): result = object
            }
            if isRuntime { runtimes.first { $0.key == route.key }?.admittedAt = now }
        }
        return .allowed(result)
    }

    private func asked(
        _ handler: AdmissionHandler, _ path: String, _ route: SimRoute, _ before: JSON, _ after: JSON, by user: SimUser
    ) -> SimReview {
        let isScale = route.subresource == "scale"
        let body: JSON = [
            "apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview",
            "request": [
                "uid": "00000000-0000-0000-0000-000000000001",
                "kind": [
                    "group": .string(isScale ? "autoscaling" : route.resource.group), "version": "v1",
                    "kind": isScale ? "Scale" : "Object",
                ],
                "resource": [
                    "group": .string(route.resource.group), "version": .string(route.resource.version),
                    "resource": .string(route.resource.plural),
                ],
                "subResource": .string(route.subresource ?? ""), "name": .string(route.name ?? ""),
                "namespace": .string(route.namespace), "operation": "UPDATE",
                "userInfo": ["username": .string(user.name)],
                "object": isScale ? SimServer.scale(of: after) : after,
                "oldObject": isScale ? SimServer.scale(of: before) : before,
            ],
        ]
        let request = HTTPRequest(
            method: "POST", target: "\(path)?timeout=3s", headers: [HTTPField("content-type", "application/json")],
            body: body.encoded())
        let response: HTTPResponse
        switch handler.answer(request) {
        case .response(let answer): response = answer
        case .liveRead(let read, let finish): response = finish(live(read))
        }
        let answer = SimServer.json(response.body)?["response"] ?? [:]
        guard answer["allowed"]?.bool == true else {
            let message = answer.at("status", "message")?.string ?? "denied"
            return .denied(.refusal(403, "Forbidden", "admission webhook denied the request: \(message)"))
        }
        guard let patch = answer["patch"]?.string.flatMap({ Base64.decode($0) }).flatMap({ SimServer.json($0) }) else {
            return .allowed(after)
        }
        guard isScale else { return .allowed(after.patched(with: patch) ?? after) }
        var result = after
        let scale = SimServer.scale(of: after).patched(with: patch)
        result.set(["spec", "replicas"], scale?.at("spec", "replicas"))
        return .allowed(result)
    }

    /// The one live read that admission may make.
    private func live(_ request: APIRequest) -> Result<APIResponse, ClusterError> {
        guard let route = SimRoute(request.path), let bytes = server.bytes(route.resource, route.key) else {
            return .failure(.status(APIStatus(code: 404, reason: "NotFound")))
        }
        return .success(APIResponse(status: 200, body: bytes))
    }
}
