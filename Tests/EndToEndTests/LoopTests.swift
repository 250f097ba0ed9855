import Foundation
import Testing

/// The loop, closed: the figures that Sluice offers, and the real HPA controller that scales by them.
@Suite(.serialized, .enabled("a node with pods", { Availability.checkNode() }), .timeLimit(.minutes(20)))
struct `The loop` {
    /// The selector that Fluid writes, encoded.
    func selector(_ name: String) -> String {
        "labelSelector=app%3Dalluxio%2Crelease%3D\(name)%2Crole%3Dalluxio-worker"
    }

    @Test func `has figures for everybody who may ask, in both versions`() async throws {
        let loop = try await LoopWorld.shared.load()
        try await loop.withCache("told", workers: 2) { cache in
            // 17 % of two workers of 256 MiB.
            try cache.fill("data", 86)
            let whole = 86 * 1_048_576
            try await eventually("the whole cache's figure", withinSeconds: 60) {
                try cache.figures("datasets.data.fluid.io/told/Cluster_CapacityUsed") == ["told=\(whole)"]
            }
            for version in ["v1beta1", "v1beta2"] {
                #expect(
                    try cache.figures("datasets.data.fluid.io/told/capacity_used_rate", version: version) == ["told=17"]
                )
                #expect(
                    try cache.figures("alluxioruntimes.data.fluid.io/told/capacity_used_rate", version: version)
                        == ["told=17"])
            }
            #expect(
                try cache.figures("alluxioruntimes.data.fluid.io/told/Cluster_CapacityTotal")
                    == ["told=\(2 * 268_435_456)"])
            // The rows of workers are up to ten seconds older than the whole.
            try await eventually("each worker's figure", withinSeconds: 60) {
                let workers = try cache.figures("pods/*/Cluster_CapacityUsed?\(selector("told"))")
                let sum = workers.compactMap { $0.split(separator: "=").last.flatMap { Int($0) } }.reduce(0, +)
                return workers.count == 2 && sum == whole
            }
            let all = try cache.figures("pods/%2A/capacity_used_rate")
            #expect(all.count == 3 && all.first == "told-master-0=17", "\(all)")
            let series = "sluice_cache_used_bytes{namespace=\"default\",runtime=\"told\",worker=\"\"}"
            #expect(try loop.sluice.metric(series) == Double(whole))
        }
    }

    /// The proposal's way, put right: what the rules' queries say of a real Prometheus, filled in as the adapter does.
    @Test(.enabled("Debian's package prometheus", { Prometheus.isInstalled }))
    func `is what Prometheus says too, by the rules for its adapter`() async throws {
        let loop = try await LoopWorld.shared.load()
        try await loop.withCache("scraped", workers: 1) { cache in
            try cache.fill("data", 43)
            let path = "datasets.data.fluid.io/scraped/capacity_used_rate"
            try await eventually("Sluice's own figure", withinSeconds: 60) {
                try cache.figures(path) == ["scraped=17"]
            }
            let prometheus = try Prometheus(loop: loop, cache: cache.name)
            defer { prometheus.stop() }
            let queries = try Prometheus.queries()
            #expect(queries.count == 4)
            // Of each worker, of the Dataset and of the runtime by Sluice's series, and of the Dataset by the master's own.
            let whole = #"runtime="scraped""#
            for (query, group, matchers) in zip3(
                queries, ["worker", "runtime", "runtime", "fluid_runtime"],
                [#"worker="scraped-worker-0""#, whole, whole, #"fluid_runtime="scraped""#])
            {
                let filled = query.replacing("<<.Series>>", with: "sluice_cache_used_ratio")
                    .replacing("<<.LabelMatchers>>", with: #"namespace="default",\#(matchers)"#)
                    .replacing("<<.GroupBy>>", with: group)
                try await eventually("\(filled) is 17", withinSeconds: 60) { try prometheus.value(of: filled) == "17" }
            }
        }
    }

    private func zip3(_ a: [String], _ b: [String], _ c: [String]) -> [(String, String, String)] {
        zip(a, zip(b, c)).map { ($0, $1.0, $1.1) }
    }

    @Test func `answers what nobody has as Kubernetes does`() async throws {
        let loop = try await LoopWorld.shared.load()
        let base = "/apis/custom.metrics.k8s.io/v1beta2"
        for (path, status, reason) in [
            ("\(base)/namespaces/default/pods/*/nope", 404, "NotFound"),
            ("\(base)/namespaces/default/datasets.data.fluid.io/nope/capacity_used_rate", 404, "NotFound"),
            ("\(base)/namespaces/default/pods/*/capacity_used_rate?labelSelector=a%3D%3D%3Db", 400, "BadRequest"),
        ] {
            let answer = try loop.api.send("GET", path)
            #expect(answer.status == status && answer.json["reason"].string == reason, "\(path): \(answer)")
        }
        let written = try loop.api.send("POST", "\(base)/namespaces/default/pods/*/capacity_used_rate", "{}")
        #expect(written.status == 405 && written.json["reason"].string == "MethodNotAllowed", "\(written)")
        let list = try loop.api.get(base)
        #expect(list["kind"].string == "APIResourceList" && list["resources"].array.count == 12)
    }

    @Test func `believes nobody but the API server`() async throws {
        let loop = try await LoopWorld.shared.load()
        let path = "/apis/custom.metrics.k8s.io/v1beta2/namespaces/default/pods/*/capacity_used_rate"
        // A user without rights is refused, by whoever sees it first.
        var nobody = loop.api
        nobody.user = "user-nobody"
        let refused = try nobody.send("GET", path)
        #expect(refused.status == 403 && refused.json["reason"].string == "Forbidden", "\(refused)")

        func direct(_ certificate: String?, _ headers: String..., path: String = path) throws -> Answer {
            let pki = loop.place + "/pki"
            var words = [
                "curl", "--silent", "--noproxy", "*", "--max-time", "10", "--cacert", loop.folder.file("certs/ca.crt"),
                "--dump-header", loop.folder.file("head"),
            ]
            if let certificate {
                words += ["--cert", "\(pki)/\(certificate).crt", "--key", "\(pki)/\(certificate).key"]
            }
            for header in headers { words += ["--header", header] }
            let ran = try Command(words: words + [loop.sluice.url + path]).run()
            return Answer(head: try loop.folder.text("head"), body: ran.output)
        }
        let masters = "X-Remote-Group: system:masters"
        // No certificate; one of the same authority with another name; headers alone prove nothing.
        #expect(try direct(nil, "X-Remote-User: admin", masters).status == 401)
        #expect(try direct("admin", "X-Remote-User: admin", masters).status == 401)
        #expect(try direct("front-proxy").status == 401)
        // The API server's own, and what it says of the user is looked up.
        let allowed = try direct("front-proxy", "X-Remote-User: admin", masters, path: "/apis/custom.metrics.k8s.io")
        #expect(allowed.status == 200 && allowed.json["kind"].string == "APIGroup", "\(allowed)")
        let looked = try direct("front-proxy", "X-Remote-User: somebody")
        #expect(looked.status == 403 && looked.message.contains("User \"somebody\" cannot get"), "\(looked)")
        // Admissions need no certificate here, as before.
        #expect(try direct(nil, path: "/validate").status != 401)
    }

    /// The proposal's HPA: percent of each worker, averaged over the workers.
    @Test func `scales by the workers' own figures, out and in, with the real HPA controller`() async throws {
        let loop = try await LoopWorld.shared.load()
        try await loop.withCache("pods", workers: 1) { cache in
            try cache.fill("data", 43)
            try cache.autoscale([
                "type": "Pods",
                "pods": [
                    "metric": ["name": "capacity_used_rate"], "target": ["type": "AverageValue", "averageValue": "15"],
                ],
            ])
            // 17 of 15 are 2 workers; of two, one of which is empty, each has 8.5.
            try await eventually("two workers", withinSeconds: 90) { try cache.workers() == 2 }
            try await eventually("17 % of one worker, of two", withinSeconds: 60) {
                try cache.currentMetrics().contains("8500m")
            }
            try loop.alluxio("run", "pods", "fs", "free", "-f", "/")
            try await eventually("one worker again, drained", withinSeconds: 120) { try cache.workers() == 1 }
            try await eventually("the drain says so", withinSeconds: 60) {
                try cache.drain()["status"]["outcome"].string == "Removed"
            }
        }
    }

    /// Fluid's documented HPA: percent of the whole cache, by the Dataset, with scale-in switched on.
    @Test func `scales by the Dataset's figure, and what a drain frees asks for no further one`() async throws {
        let loop = try await LoopWorld.shared.load()
        try await loop.withCache("object", workers: 3) { cache in
            // A tenth of three workers, shared out among them.
            try cache.fill("data", 76)
            try await eventually("10 % of three", withinSeconds: 60) {
                try cache.figures("datasets.data.fluid.io/object/capacity_used_rate") == ["object=10"]
            }
            try cache.autoscale(capacityMetric(of: "object", target: ["type": "Value", "value": "10"]))
            try await eventually("the controller has seen it", withinSeconds: 90) {
                try cache.autoscaler()["status"]["desiredReplicas"].int == 3
            }
            // A tenth of three is 15 % of two, as long as what the drain frees counts as used: then the third goes alone.
            try cache.aim(at: 20)
            try await eventually("two workers", withinSeconds: 120) { try cache.workers() == 2 }
            #expect(try cache.drain()["status"]["state"].string != "Idle")
            #expect(try loop.sluice.metric("sluice_cache_floored{namespace=\"default\",runtime=\"object\"}") == 1)
            #expect(try cache.figures("datasets.data.fluid.io/object/capacity_used_rate") == ["object=15"])
            try await eventually("the controller has seen it", withinSeconds: 60) {
                try cache.autoscaler()["status"]["currentMetrics"].description.contains("\"15\"")
            }
            #expect(try cache.autoscaler()["status"]["desiredReplicas"].int == 2)
        }
    }
}
