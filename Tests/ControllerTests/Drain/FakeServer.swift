import Kubernetes
import Wire

/// Answers requests as an API server does, as far as the reconciler asks.
enum FakeServer {
    typealias Answer = Result<APIResponse, ClusterError>

    static func answer(_ request: APIRequest, _ state: inout FakeCluster.State) -> Answer {
        if request.path.contains("/proxy/") {
            return proxy(request, state)
        }
        switch request.method {
        case .get: return get(request, state)
        case .patch: return patch(request, &state)
        case .post:
            if request.path.hasSuffix("/events"), let event = parse(request.body) {
                state.events.append((event["reason"]?.string ?? "", event["message"]?.string ?? ""))
                return ok(event)
            }
            return create(request, &state)
        case .put: return replace(request, &state)
        case .delete:
            guard let object = state.objects[request.path] else {
                return status(404)
            }
            let uid = parse(request.body)?["preconditions"]?["uid"]?.string
            guard uid == nil || uid == object["metadata"]?["uid"]?.string else {
                return status(409)
            }
            state.objects[request.path] = nil
            return ok(object)
        }
    }

    private static func get(_ request: APIRequest, _ state: FakeCluster.State) -> Answer {
        let selector = request.query.first { $0.name == "labelSelector" }?.value
        if request.path == FakeCluster.podsPath {
            let role = selector.map { $0.hasSuffix("worker") ? "hbase-worker-" : "hbase-master-" } ?? ""
            let pods = state.objects.filter { $0.key.contains("/pods/\(role)") }.sorted { $0.key < $1.key }.map(\.value)
            return ok(["items": .array(pods)])
        }
        if request.path == FakeCluster.nodesPath, let label = selector?.split(separator: "=").first {
            let nodes = state.objects.filter { $0.key.hasPrefix(FakeCluster.nodesPath) }.values
            return ok(["items": .array(nodes.filter { $0["metadata"]?["labels"]?[String(label)] != nil })])
        }
        return state.objects[request.path].map(ok) ?? status(404)
    }

    private static func create(_ request: APIRequest, _ state: inout FakeCluster.State) -> Answer {
        guard var object = parse(request.body), let name = object["metadata"]?["name"]?.string else {
            return status(400)
        }
        let path = "\(request.path)/\(name)"
        guard state.objects[path] == nil else {
            return status(409)
        }
        stamp(&object, &state)
        if object["metadata"]?["uid"] == nil { object["metadata"]?["uid"] = .string("uid-\(state.version)") }
        state.objects[path] = object
        return ok(object)
    }

    private static func replace(_ request: APIRequest, _ state: inout FakeCluster.State) -> Answer {
        guard var object = parse(request.body), let old = state.objects[request.path] else {
            return status(404)
        }
        guard object["metadata"]?["resourceVersion"] == old["metadata"]?["resourceVersion"] else {
            return status(409)
        }
        stamp(&object, &state)
        state.objects[request.path] = object
        return ok(object)
    }

    private static func patch(_ request: APIRequest, _ state: inout FakeCluster.State) -> Answer {
        let path = request.path.hasSuffix("/status") ? String(request.path.dropLast(7)) : request.path
        guard var object = state.objects[path], let body = parse(request.body) else {
            return status(404)
        }
        for field in ["uid", "resourceVersion"] {
            if let expected = body["metadata"]?[field], expected != object["metadata"]?[field] {
                return status(409)
            }
        }
        let before = object["spec"]?["replicas"]
        merge(body, into: &object)
        if state.isHeldByWebhook, path == FakeCluster.setPath {
            object["spec"]?["replicas"] = before
        }
        stamp(&object, &state)
        state.objects[path] = object
        return ok(object)
    }

    private static func stamp(_ object: inout JSON, _ state: inout FakeCluster.State) {
        state.version += 1
        object["metadata"]?["resourceVersion"] = .string("\(state.version)")
    }

    /// RFC 7386.
    private static func merge(_ patch: JSON, into object: inout JSON) {
        for member in patch.members {
            if member.value.isNull {
                object[member.name] = nil
            } else if case .object = member.value {
                var inner = object[member.name] ?? [:]
                merge(member.value, into: &inner)
                object[member.name] = inner
            } else {
                object[member.name] = member.value
            }
        }
    }

    /// What workers and the master say themselves.
    private static func proxy(_ request: APIRequest, _ state: FakeCluster.State) -> Answer {
        if request.path.contains("hbase-master-0") {
            return ok(FakeAlluxio.masterInfo(state))
        }
        guard
            let pod = state.held.keys.first(where: {
                request.path.contains("http:\($0):30000") || request.path.contains("http%3A\($0)")
            })
        else {
            return status(503)
        }
        if state.unreadable.contains(pod) {
            return status(503)
        }
        if request.path.hasSuffix("/info") {
            return ok(FakeAlluxio.workerInfo(pod, state))
        }
        if request.path.hasSuffix("/operations") {
            return ok(["operationCount": .integer(state.operations), "rpcQueueLength": 0])
        }
        if state.moving.contains(pod) { return ok(FakeAlluxio.list(pod, offset: 0, limit: 0, state)) }
        let number = { (name: String) in request.query.first { $0.name == name }.flatMap { Int($0.value) } ?? 0 }
        return ok(FakeAlluxio.list(pod, offset: number("offset"), limit: number("limit"), state))
    }

    private static func parse(_ body: [UInt8]) -> JSON? {
        var parser = JSONParser()
        return (try? parser.parse(body)).map { JSON($0) }
    }

    private static func ok(_ object: JSON) -> Answer {
        .success(APIResponse(status: 200, body: object.encoded()))
    }

    static func status(_ code: Int) -> Answer {
        .failure(.status(APIStatus(code: code)))
    }
}
