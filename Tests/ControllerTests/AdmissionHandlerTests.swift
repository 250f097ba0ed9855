import Kubernetes
import Synchronization
import Testing
import Wire

@testable import Controller
@testable import Rules

/// A review as an API server sends it.
func review(
    _ operation: String, _ resource: String, object: JSON, old: JSON? = nil, subresource: String = "",
    user: String = "system:admin", dryRun: Bool = false, version: String = "admission.k8s.io/v1"
) -> [UInt8] {
    let parts = resource.split(separator: "/").map(String.init)
    var request: JSON = [
        "uid": "11111111-2222-3333-4444-555555555555",
        "kind": ["group": .string(parts[0]), "version": .string(parts[1]), "kind": object["kind"] ?? "Scale"],
        "resource": ["group": .string(parts[0]), "version": .string(parts[1]), "resource": .string(parts[2])],
        "name": object["metadata"]?["name"] ?? "", "namespace": "default", "operation": .string(operation),
        "userInfo": ["username": .string(user)], "object": object, "dryRun": .bool(dryRun),
    ]
    if !subresource.isEmpty { request["subResource"] = .string(subresource) }
    if let old { request["oldObject"] = old }
    return JSON.object([
        .init("apiVersion", .string(version)), .init("kind", "AdmissionReview"), .init("request", request),
    ]).encoded()
}

/// The hbase runtime of the AutoScale proposal.
let hbase: JSON = [
    "apiVersion": "data.fluid.io/v1alpha1", "kind": "AlluxioRuntime",
    "metadata": ["name": "hbase", "namespace": "default"],
    "spec": [
        "replicas": 1,
        "tieredstore": [
            "levels": [["mediumtype": "MEM", "path": "/dev/shm", "quota": "2Gi", "high": "0.95", "low": "0.7"]]
        ],
    ],
]

/// A handler with its world.
struct Bench {
    let store: Store?
    let metrics = Metrics()
    let lines = Lines()
    let handler: AdmissionHandler

    final class Lines: Sendable {
        let all = Mutex<[LogRecord]>([])
    }

    init(
        store: Store? = nil, policy: AdmissionPolicy = AdmissionPolicy(), wallClock: Int64 = 0,
        scaleInRequests: ScaleInRequests? = nil, watch: DrainWatch? = nil
    ) {
        self.store = store
        let lines = lines
        handler = AdmissionHandler(
            settings: AdmissionSettings(policy: policy), store: store, metrics: metrics,
            log: { line in lines.all.withLock { $0.append(line) } }, now: { .zero }, wallClock: { wallClock },
            scaleInRequests: scaleInRequests, watch: watch)
    }

    /// Sends a body and returns the answer; a live read is answered with `live`.
    func send(
        _ path: String, _ body: [UInt8], live: Result<APIResponse, ClusterError>? = nil
    ) throws -> (status: Int, response: JSON) {
        let request = HTTPRequest(
            method: "POST", target: path, headers: [HTTPField("content-type", "application/json")], body: body)
        let response: HTTPResponse
        switch handler.answer(request) {
        case .response(let direct):
            #expect(live == nil, "no live read was expected to be needed")
            response = direct
        case .liveRead(_, let finish): response = finish(try #require(live, "a live read is needed"))
        }
        var parser = JSONParser()
        let json = (try? parser.parse(response.body)).map(JSON.init) ?? .null
        return (response.status, json["response"] ?? .null)
    }

    static func patch(_ response: JSON) throws -> [JSON] {
        let bytes = try #require(Base64.decode(response["patch"]?.string ?? ""))
        var parser = JSONParser()
        return JSON(try parser.parse(bytes)).elements
    }
}

@Suite struct AdmissionHandlerTests {
    @Test func `a runtime gets its bounds, with a patch, a warning each and an audit annotation`() throws {
        let bench = Bench()
        let (status, response) = try bench.send(
            "/mutate?timeout=3s", review("CREATE", "data.fluid.io/v1alpha1/alluxioruntimes", object: hbase))
        #expect(status == 200)
        #expect(response["allowed"] == true)
        let paths = try Bench.patch(response).map { $0["path"]?.string ?? "" }
        #expect(paths.contains("/metadata/annotations/sluice.dev~1max-replicas"))
        #expect(response["warnings"]?.elements.contains { $0.string?.hasPrefix("D103 ") == true } == true)
        #expect(response["auditAnnotations"]?["codes"]?.string?.contains("D103") == true)
        let lines = bench.lines.all.withLock { $0 }
        #expect(lines.count == 1)
        #expect(lines.first?.fields.first?.value == "patched")
    }

    @Test(arguments: ["admission.k8s.io/v1", "admission.k8s.io/v1beta1"])
    func `the answer is in the version of the question`(_ version: String) throws {
        let bench = Bench()
        let body = review("CREATE", "data.fluid.io/v1alpha1/alluxioruntimes", object: hbase, version: version)
        let request = HTTPRequest(
            method: "POST", target: "/validate", headers: [HTTPField("content-type", "application/json")], body: body)
        guard case .response(let response) = bench.handler.answer(request) else {
            Issue.record("a live read was asked for")
            return
        }
        var parser = JSONParser()
        #expect(try JSON(parser.parse(response.body))["apiVersion"] == .string(version))
    }

    @Test(arguments: [
        "", "{", "[]", "null", "{\"kind\":\"AdmissionReview\",\"apiVersion\":\"admission.k8s.io/v1\"}",
        "{\"kind\":\"AdmissionReview\",\"apiVersion\":\"admission.k8s.io/v9\",\"request\":{\"uid\":\"u\"}}",
        "{\"kind\":\"AdmissionReview\",\"apiVersion\":\"admission.k8s.io/v1\",\"request\":{\"uid\":\"\"}}",
        "{\"kind\":\"AdmissionReview\",\"apiVersion\":\"admission.k8s.io/v1\",\"request\":7}",
    ])
    func `a review that can't be read is refused with 200, allowed false and 400`(_ body: String) throws {
        let bench = Bench()
        let (status, response) = try bench.send("/validate", Array(body.utf8))
        #expect(status == 200)
        #expect(response["allowed"] == false)
        #expect(response["status"]?["code"] == 400)
        #expect(response["status"]?["message"]?.string?.hasPrefix("E001 ") == true)
    }

    @Test(arguments: [
        ("GET", "/mutate", "application/json", 405), ("POST", "/nothing", "application/json", 404),
        ("POST", "/mutate", "text/plain", 415), ("PUT", "/validate?timeout=1s", "application/json", 405),
    ])
    func `what is no review at all gets an HTTP error, whose message API servers tell`(
        _ method: String, _ path: String, _ type: String, _ code: Int
    ) throws {
        let request = HTTPRequest(
            method: method, target: path, headers: [HTTPField("content-type", type)], body: [])
        guard case .response(let response) = Bench().handler.answer(request) else {
            Issue.record("a live read was asked for")
            return
        }
        #expect(response.status == code)
        #expect(response.headers.contains(HTTPField("content-type", "application/json")))
        var parser = JSONParser()
        let status = try parser.parse(response.body)
        #expect(status["kind"]?.string == "Status" && status["apiVersion"]?.string == "v1")
        #expect(status["status"]?.string == "Failure" && status["code"]?.int64 == Int64(code))
        #expect(status["message"]?.string?.isEmpty == false && status["reason"]?.string?.isEmpty == false)
    }

    @Test func `what reviews say becomes no series of its own`() throws {
        let bench = Bench()
        for number in 0..<50 {
            let kind: JSON = ["kind": .string("Kind\(number)"), "metadata": ["name": "a"]]
            _ = try bench.send("/validate", review("CREATE", "group/v1/things", object: kind))
            let set: JSON = [
                "kind": "StatefulSet", "spec": ["replicas": 1],
                "metadata": [
                    "name": .string("n\(number)-worker"), "labels": ["app": "alluxio", "role": "alluxio-worker"],
                ],
            ]
            var old = set
            old["spec"] = ["replicas": 2]
            _ = try bench.send("/mutate", review("UPDATE", "apps/v1/statefulsets", object: set, old: old))
        }
        let lines = String(decoding: bench.metrics.render(), as: UTF8.self).split(separator: "\n")
        #expect(lines.filter { $0.hasPrefix("sluice_admission_requests_total{") }.count == 2)
        #expect(
            lines.filter { $0.hasPrefix("sluice_hold_total{") } == [
                #"sluice_hold_total{namespace="other",runtime="other"} 50"#
            ])
    }

    @Test func `an AlluxioRuntime in an unknown version is refused`() throws {
        let (_, response) = try Bench().send(
            "/validate", review("CREATE", "data.fluid.io/v2/alluxioruntimes", object: hbase))
        #expect(response["allowed"] == false)
        #expect(response["status"]?["message"]?.string?.hasPrefix("E002 ") == true)
    }

    @Test func `an HPA of another target passes untouched, at debug level`() throws {
        let bench = Bench(store: Store())
        let object: JSON = [
            "apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": ["name": "web"],
            "spec": ["scaleTargetRef": ["apiVersion": "apps/v1", "kind": "Deployment", "name": "web"]],
        ]
        for path in ["/mutate", "/validate"] {
            let (_, response) = try bench.send(
                path, review("CREATE", "autoscaling/v2/horizontalpodautoscalers", object: object))
            #expect(response["allowed"] == true)
            #expect(response["patch"] == nil && response["warnings"] == nil)
        }
        #expect(bench.lines.all.withLock { $0.allSatisfy { $0.level == .debug } })
    }

    @Test func `a lowered worker set is held, counted and logged`() throws {
        let store = Store()
        store.update(
            .runtime(AlluxioRuntime(meta: ObjectMeta(name: "hbase", namespace: "default"), replicas: 1)),
            kind: .runtimes)
        let bench = Bench(store: store)
        func set(_ replicas: Int64) -> JSON {
            [
                "apiVersion": "apps/v1", "kind": "StatefulSet",
                "metadata": [
                    "name": "hbase-worker",
                    "labels": ["app": "alluxio", "role": "alluxio-worker", "release": "hbase"],
                ],
                "spec": ["replicas": .integer(replicas)],
            ]
        }
        let (_, response) = try bench.send(
            "/mutate", review("UPDATE", "apps/v1/statefulsets", object: set(1), old: set(3)))
        #expect(response["allowed"] == true)
        #expect(try Bench.patch(response).first?["value"] == 3)
        #expect(response["warnings"]?.elements.count == 1)
        #expect(bench.metrics.value(.hold, ["default", "hbase"]) == 1)
        let raised = try bench.send("/mutate", review("UPDATE", "apps/v1/statefulsets", object: set(3), old: set(1)))
        #expect(raised.response["patch"] == nil)
    }

    @Test(arguments: [
        (ClusterError.timeout, true), (.transport("connection refused"), true),
        (.status(APIStatus(code: 404, reason: "NotFound")), false),
    ])
    func `that the runtime is gone is believed by a live read, and a failed read keeps the hold`(
        _ error: ClusterError, _ isHeld: Bool
    ) throws {
        let bench = Bench(store: Store())
        let labels: JSON = ["app": "alluxio", "role": "alluxio-worker", "release": "hbase"]
        func set(_ replicas: Int64) -> JSON {
            [
                "kind": "StatefulSet", "metadata": ["name": "hbase-worker", "labels": labels],
                "spec": ["replicas": .integer(replicas)],
            ]
        }
        let (_, response) = try bench.send(
            "/mutate", review("UPDATE", "apps/v1/statefulsets", object: set(0), old: set(1)), live: .failure(error))
        #expect((response["patch"] != nil) == isHeld)
        #expect(response["allowed"] == true)
    }

    @Test func `the scale of a worker set that the store has not seen yet is held, and another set's is not`() throws {
        let store = Store()
        store.beginList(.statefulSets)
        store.endList(.statefulSets)
        store.update(
            .runtime(AlluxioRuntime(meta: ObjectMeta(name: "hbase", namespace: "default"), replicas: 1)),
            kind: .runtimes)
        let bench = Bench(store: store)
        func lowered(_ name: String) -> [UInt8] {
            func scale(_ replicas: Int64) -> JSON {
                ["kind": "Scale", "metadata": ["name": .string(name)], "spec": ["replicas": .integer(replicas)]]
            }
            return review("UPDATE", "apps/v1/statefulsets", object: scale(1), old: scale(3), subresource: "scale")
        }
        let held = try bench.send("/mutate", lowered("hbase-worker"))
        #expect(try Bench.patch(held.response).first?["value"] == 3)
        #expect(try bench.send("/mutate", lowered("web-worker")).response["patch"] == nil)
    }

    @Test func `a scale request finds bounds by a live read where the store has no runtime`() throws {
        let bench = Bench(store: Store())
        func scale(_ replicas: Int64) -> JSON {
            ["kind": "Scale", "metadata": ["name": "hbase"], "spec": ["replicas": .integer(replicas)]]
        }
        var bounded = hbase
        bounded["metadata"] = ["name": "hbase", "annotations": ["sluice.dev/max-replicas": "4"]]
        let body = review(
            "UPDATE", "data.fluid.io/v1alpha1/alluxioruntimes", object: scale(9), old: scale(1), subresource: "scale")
        let (_, response) = try bench.send(
            "/validate", body, live: .success(APIResponse(status: 200, body: bounded.encoded())))
        #expect(response["allowed"] == false)
        #expect(response["status"]?["message"]?.string?.hasPrefix("E301 ") == true)
        let passed = try bench.send("/validate", body, live: .failure(.timeout))
        #expect(passed.response["allowed"] == true)
    }

    @Test func `the live read is bounded by the caller's own deadline, with head-room`() throws {
        let bench = Bench(store: Store())
        let scale: JSON = ["kind": "Scale", "metadata": ["name": "hbase"], "spec": ["replicas": 9]]
        let body = review(
            "UPDATE", "data.fluid.io/v1alpha1/alluxioruntimes", object: scale, old: ["spec": ["replicas": 1]],
            subresource: "scale")
        for (query, limit) in [("?timeout=5s", 4_000), ("?timeout=1h", 24_000), ("?timeout=x", 2_400), ("", 2_400)] {
            let request = HTTPRequest(
                method: "POST", target: "/validate\(query)", headers: [HTTPField("content-type", "application/json")],
                body: body)
            guard case .liveRead(let read, _) = bench.handler.answer(request) else {
                Issue.record("no live read was asked for")
                return
            }
            #expect(read.timeout == .milliseconds(limit))
        }
    }
}
