import Kubernetes
import Testing
import Wire

@Suite struct RequestTests {
    @Test func `requests have the API's paths`() {
        let cases: [(APIRequest, String, String)] = [
            (
                .get(.alluxioRuntimes, namespace: "ns", name: "hbase"), "GET",
                "/apis/data.fluid.io/v1alpha1/namespaces/ns/alluxioruntimes/hbase"
            ),
            (
                .get(.customResourceDefinitions, name: "a.b"), "GET",
                "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/a.b"
            ),
            (
                .get(.statefulSets, namespace: "ns", name: "w", subresource: "scale"), "GET",
                "/apis/apps/v1/namespaces/ns/statefulsets/w/scale"
            ),
            (
                .list(.pods, namespace: "ns", selection: Selection(labels: "app=alluxio,release in (a)")), "GET",
                "/api/v1/namespaces/ns/pods?labelSelector=app%3Dalluxio%2Crelease%20in%20%28a%29"
            ),
            (.list(.nodes, limit: 5, continueToken: "a+/="), "GET", "/api/v1/nodes?limit=5&continue=a%2B%2F%3D"),
            (
                .watch(.leases, resourceVersion: "7", timeoutSeconds: 300), "GET",
                "/apis/coordination.k8s.io/v1/leases?watch=true&allowWatchBookmarks=true&resourceVersion=7&timeoutSeconds=300"
            ),
            (
                .patch(
                    .alluxioRuntimes, namespace: "ns", name: "a", subresource: "status", type: .merge, body: [:],
                    dryRun: true), "PATCH",
                "/apis/data.fluid.io/v1alpha1/namespaces/ns/alluxioruntimes/a/status?fieldManager=sluice&dryRun=All"
            ),
            (
                .create(.leases, namespace: "ns", body: [:]), "POST",
                "/apis/coordination.k8s.io/v1/namespaces/ns/leases?fieldManager=sluice"
            ),
            (
                .replace(.leases, namespace: "ns", name: "l", body: [:]), "PUT",
                "/apis/coordination.k8s.io/v1/namespaces/ns/leases/l?fieldManager=sluice"
            ),
            (.delete(.pods, namespace: "ns", name: "p"), "DELETE", "/api/v1/namespaces/ns/pods/p"),
            (
                .podProxy(
                    namespace: "ns", pod: "w-0", port: 30000, path: "api/v1/worker/webui_blockinfo",
                    query: [.init("offset", "0")]), "GET",
                "/api/v1/namespaces/ns/pods/http:w-0:30000/proxy/api/v1/worker/webui_blockinfo?offset=0"
            ),
            (.get(.pods, namespace: "../x", name: "a/b?c"), "GET", "/api/v1/namespaces/..%2Fx/pods/a%2Fb%3Fc"),
        ]
        for (request, method, target) in cases {
            #expect(request.method.rawValue == method)
            #expect(request.target == target)
        }
    }

    @Test(arguments: ["", ".", "..", "../..", "%2e%2e", "a/b", "a?b", "a#b", "a%b", "\u{1B}\u{202E}"])
    func `no name reaches another object than its own`(name: String) {
        let requests: [APIRequest] = [
            .get(.alluxioRuntimes, namespace: name, name: "a"), .get(.alluxioRuntimes, namespace: "ns", name: name),
            .get(.pods, namespace: "ns", name: "a", subresource: name), .list(.pods, namespace: name),
            .watch(.pods, namespace: name, resourceVersion: "", timeoutSeconds: 1),
            .create(.pods, namespace: name, body: [:]), .replace(.pods, namespace: "ns", name: name, body: [:]),
            .patch(.pods, namespace: "ns", name: name, type: .merge, body: [:]),
            .delete(.pods, namespace: "ns", name: name),
            .podProxy(namespace: name, pod: "a", port: 1, path: "/x"),
            .podProxy(namespace: "ns", pod: name, port: 1, path: "/x"),
        ]
        let isStep = ["", ".", ".."].contains(name)
        for request in requests {
            // A pod's name stands between its scheme and its port, where it is no step.
            let isRefused = APIRequest.problem(inPath: request.path) != nil
            #expect(isRefused == isStep || request.path.contains("http:"), "\(request.path)")
            #expect(request.path.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != 0x3F && $0 != 0x23 })
        }
        #expect(
            ExecRequest(namespace: name, pod: "p", container: "c", command: [], timeout: .zero).path.hasPrefix(
                "/api/v1"))
        for path in ["a/../b", "/a/./b", "x/..", "//a"] {
            let request = APIRequest.podProxy(namespace: "ns", pod: "p", port: 1, path: path)
            #expect(APIRequest.problem(inPath: request.path) != nil)
        }
    }

    @Test func `patches and deletes carry their type and preconditions`() {
        let patch = APIRequest.patch(.statefulSets, namespace: "n", name: "w", type: .json, body: [["op": "test"]])
        #expect(patch.contentType == "application/json-patch+json")
        #expect(patch.body == Array(#"[{"op":"test"}]"#.utf8))
        let delete = APIRequest.delete(
            .pods, namespace: "n", name: "p", preconditions: .init(uid: "u", resourceVersion: "7"),
            gracePeriodSeconds: 0)
        #expect(
            String(decoding: delete.body, as: UTF8.self)
                == #"{"apiVersion":"v1","kind":"DeleteOptions","preconditions":{"uid":"u","resourceVersion":"7"},"gracePeriodSeconds":0}"#
        )
    }

    @Test func `an exec names each argument by itself`() {
        let request = ExecRequest(
            namespace: "ns", pod: "m-0", container: "alluxio-master", command: ["alluxio", "fs", "free", "/a b&c"],
            timeout: .seconds(1))
        #expect(
            request.target
                == "/api/v1/namespaces/ns/pods/m-0/exec?command=alluxio&command=fs&command=free&command=%2Fa%20b%26c"
                + "&container=alluxio-master&stdout=true&stderr=true")
    }

    @Test func `a refusal is read from a Status, or from what little there is`() {
        let status =
            #"{"kind":"Status","code":422,"reason":"Invalid","message":"no","details":{"retryAfterSeconds":3}}"#
        #expect(
            APIStatus(APIResponse(status: 422, body: Array(status.utf8)))
                == APIStatus(code: 422, reason: "Invalid", message: "no", retryAfter: .seconds(3)))
        #expect(
            APIStatus(APIResponse(status: 429, body: Array("slow down\nmore".utf8), retryAfterSeconds: 9)).retryAfter
                == .seconds(9))
        #expect(APIStatus(APIResponse(status: 502, body: [0xFF, 0xFE])).code == 502)
        #expect(
            APIStatus(APIResponse(status: 503, body: [], retryAfterSeconds: Int64.max)).retryAfter == .seconds(60))
        #expect(APIStatus(APIResponse(status: 503, body: [], retryAfterSeconds: -1)).retryAfter == nil)
        #expect(
            APIStatus(APIResponse(status: 404, body: Array("404 page not found\n".utf8))).message
                == "404 page not found")
    }

    @Test(arguments: [
        (ClusterError.timeout, true, false), (.transport("x"), true, false), (status(500), true, false),
        (status(429), true, true),
        (status(503), true, true), (status(409), false, false), (.tooLarge(bytesMax: 1), false, false),
        (.cancelled, false, false),
        (status(401), false, false),
    ])
    func `only what is safe is sent again`(error: ClusterError, reads: Bool, writes: Bool) {
        func delay(_ request: APIRequest) -> Duration? {
            var policy = RetryPolicy(backoff: Backoff(jitter: Jitter(seed: 1)))
            return policy.delay(after: error, of: request)
        }
        #expect((delay(.get(.pods, name: "a")) != nil) == reads)
        #expect((delay(.create(.pods, body: [:])) != nil) == writes)
    }

    @Test func `retries end, and wait for as long as they are told`() {
        var policy = RetryPolicy(attemptsMax: 3, backoff: Backoff(jitter: Jitter(seed: 1)))
        let error = ClusterError.status(APIStatus(code: 429, retryAfter: .seconds(7)))
        #expect(policy.delay(after: error, of: .get(.pods, name: "a")) == .seconds(7))
        #expect(policy.delay(after: error, of: .get(.pods, name: "a")) == .seconds(7))
        #expect(policy.delay(after: error, of: .get(.pods, name: "a")) == nil)
    }

    @Test func `delays double up to the longest, with jitter, and begin anew after a success`() {
        for seed in 0..<200 {
            var backoff = Backoff(first: .seconds(1), longest: .seconds(10), jitter: Jitter(seed: UInt64(seed)))
            for expected in [1.0, 2, 4, 8, 10, 10, 10] {
                let delay = backoff.next()
                #expect(delay >= .seconds(expected / 2) && delay <= .seconds(expected), "seed \(seed)")
            }
            backoff.reset()
            #expect(backoff.next() <= .seconds(1))
        }
    }

    @Test(arguments: [
        ("1970-01-01T00:00:00Z", 0), ("2023-11-14T22:13:20Z", 1_700_000_000_000),
        ("2024-02-29T23:59:59Z", 1_709_251_199_000),
        ("1969-12-31T23:59:59Z", -1000), ("0000-01-01T00:00:00Z", -62_167_219_200_000),
        ("9999-12-31T23:59:59Z", 253_402_300_799_000),
    ])
    func `times are written and read`(text: String, milliseconds: Int64) {
        #expect(RFC3339.seconds(milliseconds) == text)
        #expect(RFC3339.parse(text) == milliseconds)
    }

    @Test func `times are read with fractions and offsets, and nothing else is`() {
        #expect(RFC3339.parse("2023-11-14T22:13:20.123456Z") == 1_700_000_000_123)
        #expect(RFC3339.parse("2023-11-14t23:43:20.5+01:30") == 1_700_000_000_500)
        #expect(RFC3339.parse("2023-11-14T20:43:20-01:30") == 1_700_000_000_000)
        #expect(RFC3339.micro(1_700_000_000_005) == "2023-11-14T22:13:20.005000Z")
        for wrong in [
            "", "2023-11-14", "2023-11-14T22:13:20", "2023-13-14T22:13:20Z", "2023-11-14T24:13:20Z",
            "2023-11-14T22:13:20.Z",
            "2023-11-14T22:13:20+1:00", "2023-11-14T22:13:20Zx", "2023-11-14T22:13:20é", "x023-11-14T22:13:20Z",
        ] {
            #expect(RFC3339.parse(wrong) == nil, "\(wrong)")
        }
        for day in stride(from: Int64(-700_000), through: 2_900_000, by: 37) {
            let milliseconds = day * 86_400_000 + day % 86_400 * 1000
            #expect(RFC3339.parse(RFC3339.seconds(milliseconds)) == milliseconds)
        }
        #expect(RFC3339.seconds(.max) == "9999-12-31T23:59:59Z")
        #expect(RFC3339.seconds(.min) == "0000-01-01T00:00:00Z")
    }

    @Test(
        arguments: [
            ("0", 0), ("2Gi", 2_147_483_648), ("1500m", 2), ("1e3", 1000), ("1E2", 100), ("-5k", -5000),
            ("+1.5Mi", 1_572_864), ("5.", 5),
            (".5k", 500), ("1E", 1_000_000_000_000_000_000), ("1n", 1), ("x", nil), ("", nil), ("Gi", nil),
            ("1 Gi", nil), ("1gi", nil),
            ("1-2", nil), ("--1", nil), ("1.2.3", nil), ("1e99", nil), ("9Ei", nil), ("0x10", nil), ("é", nil),
            (".", nil),
        ] as [(String, Int64?)])
    func `quantities are read`(text: String, value: Int64?) {
        #expect(Quantity.integer(text) == value)
    }
}
