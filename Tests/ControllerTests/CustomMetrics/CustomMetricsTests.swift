import Foundation
import Rules
import Synchronization
import Testing
import Wire

@testable import Controller
@testable import Kubernetes

@Suite struct `Custom metrics` {
    let cluster = FigureCluster()
    let store = Store()
    let samples: FrontProxySamples
    let handler: CustomMetricsHandler<FigureCluster>
    let proxies: FrontProxyKeeper<FigureCluster>
    static let reviews = FigureCluster.accessReviews
    static let base = "/apis/custom.metrics.k8s.io"

    init() async throws {
        samples = try FrontProxySamples(now: Int64(Date().timeIntervalSince1970))
        let book = FigureBook(freshFor: .seconds(30), store: store)
        let metrics = Metrics()
        let poller = FigurePoller(
            cluster: cluster, store: store, settings: FigureSettings(seed: 1), book: book, metrics: metrics
        ) { _ in }
        proxies = FrontProxyKeeper(cluster: cluster) { _ in }
        handler = CustomMetricsHandler(
            cluster: cluster, store: store, book: book, poller: poller, proxies: proxies, metrics: metrics
        ) { _ in }
        try cluster.addCache(to: store, behind: samples)
        await proxies.readOnce()
    }

    func get(
        _ path: String, as user: String = "hpa", groups: [String] = [], method: String = "GET", chain: [[UInt8]]? = nil
    ) async throws -> (status: Int, body: JSON) {
        let headers =
            FrontProxySamples.headers(user) + groups.map { HTTPField("x-remote-group", $0) }
        let request = HTTPRequest(method: method, target: Self.base + path, headers: headers)
        let answer = try #require(await handler.answer(request, chain: chain ?? samples.chain))
        var parser = JSONParser()
        return (answer.status, JSON(try parser.parse(answer.body)))
    }

    func values(_ body: JSON) -> [String] {
        body["items"]?.elements.map {
            "\($0["describedObject"]?["name"]?.string ?? "?")=\($0["value"]?.string ?? "?")"
        } ?? []
    }

    @Test func `of pods are each worker's own, and the master's is the whole cache's`() async throws {
        let workers = "labelSelector=release%3Dhbase%2Crole%3Dalluxio-worker"
        let answer = try await get("/v1beta2/namespaces/data/pods/%2A/capacity_used_rate?\(workers)")
        #expect(answer.status == 200)
        #expect(values(answer.body) == ["hbase-worker-0=17", "hbase-worker-1=21"])
        let item = answer.body["items"]?[0]
        #expect(item?["metric"]?["name"]?.string == "capacity_used_rate")
        #expect(item?["describedObject"]?["kind"]?.string == "Pod" && item?["metricName"] == nil)
        let all = try await get("/v1beta1/namespaces/data/pods/*/capacity_used_rate")
        #expect(values(all.body) == ["hbase-master-0=19", "hbase-worker-0=17", "hbase-worker-1=21"])
        #expect(all.body["items"]?[0]?["metricName"]?.string == "capacity_used_rate")
        #expect(all.body["items"]?[0]?["timestamp"]?.string == "2026-11-18T11:06:40Z")
    }

    @Test(arguments: [
        ("Cluster_CapacityTotal", "2000"), ("Cluster_CapacityUsed", "371"), ("Cluster_CapacityFree", "1629"),
        ("capacity_used_rate", "19"),
    ])
    func `of a data set and of a runtime are the whole cache's`(metric: String, value: String) async throws {
        for resource in ["datasets.data.fluid.io", "alluxioruntimes.data.fluid.io"] {
            for name in ["hbase", "*"] {
                let answer = try await get("/v1beta2/namespaces/data/\(resource)/\(name)/\(metric)")
                #expect(values(answer.body) == ["hbase=\(value)"])
            }
        }
        let selected = try await get(
            "/v1beta2/namespaces/data/alluxioruntimes.data.fluid.io/*/\(metric)?labelSelector=team%3Da")
        #expect(values(selected.body) == ["hbase=\(value)"])
    }

    @Test(arguments: [
        "/v1beta2/namespaces/data/pods/*/other", "/v1beta2/namespaces/data/services/hbase/capacity_used_rate",
        "/v1beta2/namespaces/data/datasets.data.fluid.io/none/capacity_used_rate",
        "/v1beta2/namespaces/other/pods/*/capacity_used_rate", "/v1beta2/namespaces/data/pods/none/capacity_used_rate",
    ])
    func `that nobody has are not found`(path: String) async throws {
        let answer = try await get(path)
        #expect(answer.status == 404 && answer.body["reason"]?.string == "NotFound")
        #expect(answer.body["kind"]?.string == "Status")
        #expect(answer.body["message"]?.string?.hasPrefix("the server could not find the metric ") == true)
    }

    /// As an adapter answers whose series has no labels.
    @Test func `have no labels that a selector of the metric could ask for`() async throws {
        for (selector, status) in [
            ("", 200), ("%21shard", 200), ("shard!%3Da", 200), ("shard%3Da", 404), ("shard", 404),
        ] {
            for path in ["pods/*", "datasets.data.fluid.io/hbase"] {
                let answer = try await get(
                    "/v1beta2/namespaces/data/\(path)/capacity_used_rate?metricLabelSelector=\(selector)")
                #expect(answer.status == status, "\(selector)")
            }
        }
        let unreadable = try await get(
            "/v1beta1/namespaces/data/pods/*/capacity_used_rate?metricLabelSelector=a%3Db%3D")
        #expect(unreadable.status == 400 && unreadable.body["reason"]?.string == "BadRequest")
        #expect(unreadable.body["kind"]?.string == "Status")
    }

    @Test func `of more objects than an answer can have are refused, and none is left out`() async throws {
        for number in 0..<MetricSource.subjectsMax {
            let pod = FigureSamples.pod("x-\(number)", of: "x", role: "alluxio-worker", address: "10.2.0.1")
            try FigureSamples.put(pod, .pods, into: store)
        }
        let refused = try await get("/v1beta2/namespaces/data/pods/*/capacity_used_rate")
        #expect(refused.status == 400 && refused.body["message"]?.string?.contains("labelSelector=release=") == true)
        let one = try await get("/v1beta2/namespaces/data/pods/*/capacity_used_rate?labelSelector=release%3Dhbase")
        #expect(values(one.body).count == 3)
    }

    @Test func `that are stale, or can't be had, are not found`() async throws {
        let path = "/v1beta2/namespaces/data/datasets.data.fluid.io/hbase/capacity_used_rate"
        #expect(try await get(path).status == 200)
        cluster.state.withLock { $0.masters["hbase"] = nil }
        cluster.pass(.seconds(29))
        #expect(try await get(path).status == 200)
        cluster.pass(.seconds(2))
        #expect(try await get(path).status == 404)
        let asked = cluster.requests.filter { $0.path.contains("/proxy/") }.count
        // What fails is asked again at the interval, and not by whoever asks us.
        #expect(try await get(path).status == 404)
        #expect(cluster.requests.filter { $0.path.contains("/proxy/") }.count == asked)
    }

    @Test func `are listed by discovery`() async throws {
        for version in ["v1beta1", "v1beta2"] {
            let answer = try await get("/\(version)")
            #expect(answer.body["groupVersion"]?.string == "custom.metrics.k8s.io/\(version)")
            let names = answer.body["resources"]?.elements.compactMap { $0["name"]?.string } ?? []
            #expect(names.count == 12 && names.contains("datasets.data.fluid.io/capacity_used_rate"))
        }
        #expect(try await get("").body["preferredVersion"]?["version"]?.string == "v1beta1")
        #expect(try await get("/v2").status == 404)
    }

    @Test func `are for whom the API server passes on alone, and for reading`() async throws {
        let path = "/v1beta2/namespaces/data/pods/*/capacity_used_rate"
        let stranger = try FrontProxySamples(now: Int64(Date().timeIntervalSince1970))
        for chain in [[], stranger.chain] {
            let answer = try await get(path, as: "admin", groups: ["system:masters"], chain: chain)
            #expect(answer.status == 401 && answer.body["reason"]?.string == "Unauthorized")
        }
        let written = try await get(path, method: "POST")
        #expect(written.status == 405 && written.body["reason"]?.string == "MethodNotAllowed")
    }

    @Test func `are for those whom the API server lets, which it is asked once in a while`() async throws {
        let path = "/v1beta2/namespaces/data/pods/*/capacity_used_rate"
        func reviews() -> [JSON] {
            cluster.requests.filter { $0.path == Self.reviews }.compactMap { request in
                var parser = JSONParser()
                return (try? parser.parse(request.body)).map { JSON($0) }
            }
        }
        #expect(try await get(path, as: "hpa", groups: ["a", "b"]).status == 200)
        #expect(try await get(path, as: "hpa", groups: ["a", "b"]).status == 200)
        let asked = try #require(reviews().first?["spec"])
        #expect(reviews().count == 1)
        #expect(asked["user"]?.string == "hpa" && asked["groups"] == ["a", "b", "system:authenticated"])
        #expect(
            asked["resourceAttributes"] == [
                "namespace": "data", "verb": "get", "group": "custom.metrics.k8s.io", "version": "v1beta2",
                "resource": "pods", "subresource": "capacity_used_rate", "name": "*",
            ])
        cluster.state.withLock { $0.answers[Self.reviews] = .success(#"{"status":{"allowed":false}}"#) }
        // Another group is another question, and an answer counts for ten seconds.
        #expect(try await get(path, as: "hpa", groups: ["a"]).status == 403)
        cluster.pass(.seconds(11))
        let refused = try await get(path, as: "hpa", groups: ["a", "b"])
        #expect(refused.status == 403 && refused.body["reason"]?.string == "Forbidden")
        #expect(
            refused.body["message"]?.string?.contains(#"User "hpa" cannot get resource "pods/capacity_used_rate""#)
                == true)
        #expect(try await get("/v1beta1", as: "x").body["message"]?.string?.contains("cannot get path") == true)
        #expect(try await get(path, as: "probe", groups: ["system:masters"]).status == 200)
        cluster.state.withLock { $0.answers[Self.reviews] = .success(#"{"status":{"allowed":true,"denied":true}}"#) }
        #expect(try await get(path, as: "both").status == 403)
        cluster.state.withLock { $0.answers[Self.reviews] = .failure(.timeout) }
        #expect(try await get(path, as: "new").status == 500)
    }

    @Test func `are for whom the API server passes on also when it has just got another certificate`() async throws {
        let path = "/v1beta1"
        let next = try FrontProxySamples(now: Int64(Date().timeIntervalSince1970))
        #expect(try await get(path, chain: next.chain).status == 401)
        func reads() -> Int { cluster.requests.count { $0.path == FrontProxy.request.path } }
        let before = reads()
        // A stranger makes us read once in a while, and nobody without a certificate does.
        for _ in 0..<9 { #expect(try await get(path, chain: next.chain).status == 401) }
        #expect(reads() == before)
        cluster.pass(.seconds(2))
        for _ in 0..<9 { #expect(try await get(path, chain: []).status == 401) }
        #expect(reads() == before)
        let map = next.configMap()
        cluster.state.withLock { $0.answers[FrontProxy.request.path] = .success(map) }
        #expect(try await get(path, chain: next.chain).status == 200)
        #expect(reads() == before + 1)
        // The one before is a stranger now.
        #expect(try await get(path).status == 401)
    }

    @Test func `are for whom the API server names also when it has just changed the header`() async throws {
        let map = samples.configMap().replacing("X-Remote-User", with: "X-Front-User")
        cluster.state.withLock { $0.answers[FrontProxy.request.path] = .success(map) }
        cluster.pass(.seconds(2))
        let answer = await handler.answer(
            HTTPRequest(method: "GET", target: Self.base, headers: [HTTPField("x-front-user", "hpa")]),
            chain: samples.chain)
        #expect(answer?.status == 200)
        #expect(try await get("").status == 401)
        // Another name of its certificate than those that are allowed.
        cluster.pass(.seconds(2))
        let names = samples.configMap(allowedNames: #"["somebody"]"#)
        cluster.state.withLock { $0.answers[FrontProxy.request.path] = .success(names) }
        await proxies.readOnce()
        #expect(try await get("").status == 401)
    }

    @Test func `wait until it is known whom the API server passes on`() async throws {
        let empty = FrontProxyKeeper(cluster: cluster) { _ in }
        cluster.state.withLock { $0.answers[FrontProxy.request.path] = .failure(.timeout) }
        await empty.readOnce()
        #expect(empty.trouble != nil && empty.current == nil)
        // What was read once stays.
        await proxies.readOnce()
        #expect(proxies.trouble == nil && proxies.current != nil)
    }
}
