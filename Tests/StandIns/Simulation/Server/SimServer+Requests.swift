import Kubernetes
import Wire

/// What a write of an object leads to, before it is stored.
enum SimReview {
    case allowed(JSON)
    case denied(APIResponse)
}

extension SimServer {
    /// Carries out a request that is neither a watch nor a proxy; `review` is asked before a change is stored.
    func answer(
        _ request: APIRequest, _ route: SimRoute, by user: SimUser,
        review: (SimRoute, JSON, JSON) -> SimReview
    ) -> APIResponse {
        guard served.contains(route.resource) else {
            return .refusal(404, "NotFound", "the server could not find the requested resource")
        }
        switch request.method {
        case .get: return route.name == nil ? list(request, route) : get(route)
        case .post: return post(request, route, by: user)
        case .put, .patch: return write(request, route, by: user, review: review)
        case .delete: return delete(request, route, by: user)
        }
    }

    private func get(_ route: SimRoute) -> APIResponse {
        guard let object = object(route.resource, route.key) else { return .notFound(route) }
        switch route.subresource {
        case "scale": return .object(Self.scale(of: object).encoded())
        default: return .object(bytes(route.resource, route.key) ?? [])
        }
    }

    private func list(_ request: APIRequest, _ route: SimRoute) -> APIResponse {
        let found = objects(route.resource, namespace: route.namespace, SimSelection(request.query))
        let limit = request.query.first { $0.name == "limit" }.flatMap { Int($0.value) } ?? Int.max
        let start = request.query.first { $0.name == "continue" }.flatMap { Int($0.value) } ?? 0
        let page = found.dropFirst(start).prefix(limit)
        let rest = found.count > start + page.count ? ",\"continue\":\"\(start + page.count)\"" : ""
        var body = Array("{\"metadata\":{\"resourceVersion\":\"\(version)\"\(rest)},\"items\":[".utf8)
        for (place, item) in page.enumerated() {
            if place > 0 { body.append(UInt8(ascii: ",")) }
            body += item.encoded
        }
        body += Array("]}".utf8)
        return .object(body)
    }

    private func post(_ request: APIRequest, _ route: SimRoute, by user: SimUser) -> APIResponse {
        guard var object = Self.json(request.body), let name = object.at("metadata", "name")?.string, !name.isEmpty
        else { return .refusal(400, "BadRequest", "name or generateName is required") }
        var route = route
        route.name = name
        guard self.object(route.resource, route.key) == nil else {
            return .refusal(409, "AlreadyExists", "\(route.resource.plural) \"\(name)\" already exists")
        }
        if let problem = Self.problem(object) { return problem }
        // What is null and not nullable is pruned, and a status is only written by its subresource.
        object = ([:] as JSON).merged(with: object)
        if Self.withStatus.contains(route.resource) { object["status"] = nil }
        if request.isDryRun { return .object(object.encoded()) }
        create(route.resource, route.key, object, by: user)
        return APIResponse(status: 201, body: bytes(route.resource, route.key) ?? [])
    }

    private func write(
        _ request: APIRequest, _ route: SimRoute, by user: SimUser, review: (SimRoute, JSON, JSON) -> SimReview
    ) -> APIResponse {
        guard let before = object(route.resource, route.key) else { return .notFound(route) }
        let isScale = route.subresource == "scale"
        let seen = isScale ? Self.scale(of: before) : before
        guard let body = Self.json(request.body) else { return .refusal(400, "BadRequest", "the body is not readable") }
        var wanted: JSON
        if request.method == .put {
            wanted = body
        } else if request.contentType == APIRequest.PatchType.json.rawValue {
            guard let patched = seen.patched(with: body) else {
                return .invalid("the server rejected our request due to an error in our request")
            }
            wanted = patched
        } else {
            wanted = seen.merged(with: body)
        }
        for field in ["uid", "resourceVersion"] {
            let named = wanted.at("metadata", field)?.string ?? ""
            guard named.isEmpty || named == before.at("metadata", field)?.string else {
                return .conflict(route, "the object has been modified: \(field) is not \(named)")
            }
            wanted.set(["metadata", field], before.at("metadata", field))
        }
        let after = Self.result(before, wanted, route)
        if let problem = Self.problem(after) { return problem }
        switch review(route, before, after) {
        case .denied(let refusal): return refusal
        case .allowed(let final):
            if final != before, !request.isDryRun {
                replace(route.resource, route.key, before: before, with: final, by: user)
            }
            let stored = object(route.resource, route.key) ?? final
            return .object(isScale ? Self.scale(of: stored).encoded() : bytes(route.resource, route.key) ?? [])
        }
    }

    /// What is stored when this is wanted: a subresource changes its own part alone, and the object all but that.
    private static func result(_ before: JSON, _ wanted: JSON, _ route: SimRoute) -> JSON {
        var after = before
        switch route.subresource {
        case "scale": after.set(["spec", "replicas"], wanted.at("spec", "replicas") ?? 0)
        case "status": after["status"] = wanted["status"]
        default:
            after = wanted
            if withStatus.contains(route.resource) { after["status"] = before["status"] }
            for field in ["name", "namespace", "creationTimestamp", "deletionTimestamp", "generation"] {
                after.set(["metadata", field], before.at("metadata", field))
            }
        }
        return after
    }

    private func delete(_ request: APIRequest, _ route: SimRoute, by user: SimUser) -> APIResponse {
        guard let before = object(route.resource, route.key) else { return .notFound(route) }
        let options = Self.json(request.body) ?? [:]
        for field in ["uid", "resourceVersion"] {
            if let wanted = options.at("preconditions", field)?.string,
                wanted != before.at("metadata", field)?.string
            {
                return .conflict(route, "Precondition failed: \(field)")
            }
        }
        if request.isDryRun { return .object(before.encoded()) }
        if route.resource == .pods {
            guard before.at("metadata", "deletionTimestamp") == nil else { return .object(before.encoded()) }
            change(.pods, route.key, by: user) { pod in
                pod.set(["metadata", "deletionTimestamp"], .string("2026-11-26T00:00:00Z"))
            }
        } else {
            remove(route.resource, route.key, by: user)
        }
        return .object(before.encoded())
    }

    static func scale(of object: JSON) -> JSON {
        let status = object["status"] ?? [:]
        var scale: JSON = [
            "kind": "Scale", "apiVersion": "autoscaling/v1", "metadata": object["metadata"] ?? [:],
            "spec": ["replicas": object.at("spec", "replicas") ?? 0],
        ]
        scale.set(["metadata", "labels"], nil)
        scale.set(["metadata", "annotations"], nil)
        scale.set(["status", "replicas"], status["replicas"] ?? status["currentWorkerNumberScheduled"] ?? 0)
        scale.set(["status", "selector"], status["selector"])
        return scale
    }

    /// The API server's own limits.
    private static func problem(_ object: JSON) -> APIResponse? {
        let annotations = object.at("metadata", "annotations")?.members ?? []
        let bytes = annotations.reduce(0) { $0 + $1.name.utf8.count + ($1.value.string?.utf8.count ?? 0) }
        guard bytes <= 256 << 10 else {
            return .invalid("metadata.annotations: Too long: must have at most 262144 bytes")
        }
        return nil
    }

    static func json(_ bytes: [UInt8]) -> JSON? {
        var parser = JSONParser()
        // What can't be read is answered with 400.
        return (try? parser.parse(bytes)).map { JSON($0) }
    }
}

extension APIRequest {
    var isDryRun: Bool { query.contains { $0.name == "dryRun" } }
    var isWatch: Bool { query.contains { $0.name == "watch" } }
}
