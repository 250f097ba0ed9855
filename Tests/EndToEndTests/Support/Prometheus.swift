import Foundation
import Kubernetes
import Wire

/// Debian's Prometheus beside the cluster, which scrapes masters as `webhook-config/monitoring` says, and Sluice.
final class Prometheus: Sendable {
    static let isInstalled = FileManager.default.isExecutableFile(atPath: "/usr/bin/prometheus")
    private static let monitoring = Repository.path("webhook-config/monitoring")

    private let port = SluiceProcess.freePort()
    private let child: Child

    init(loop: Loop, cache: String) throws {
        let jobs = try String(contentsOfFile: Self.monitoring + "/proposal-scrape.yaml", encoding: .utf8)
            .replacing("scrape_interval: 15s", with: "scrape_interval: 1s")
        // Debian's is built without the discovery of pods: the test says what that would have found, for the job to relabel.
        guard let begin = jobs.firstRange(of: "    kubernetes_sd_configs:"),
            let end = jobs.firstRange(of: "    relabel_configs:")
        else { throw Trouble("the scrape job has another shape") }
        let found = "    static_configs:\n" + (try Self.targets(loop, cache)).map { "      - \($0)\n" }.joined()
        let job = jobs[..<begin.lowerBound] + found + jobs[end.lowerBound...]
        let own = """
              - job_name: sluice-metrics
                scrape_interval: 1s
                honor_labels: true
                static_configs: [{targets: ["127.0.0.1:\(loop.sluice.health)"]}]

            """
        try Data((job + own).utf8).write(to: loop.folder.url("prometheus.yaml"))
        let me = String(ProcessInfo.processInfo.processIdentifier)
        child = try Child(
            [
                "Tests/Cluster/leash", me, "/usr/bin/prometheus", "--config.file", loop.folder.file("prometheus.yaml"),
                "--storage.tsdb.path", loop.folder.file("prometheus"), "--web.listen-address", "127.0.0.1:\(port)",
                "--log.level", "warn",
            ], environment: loop.environment, input: "/dev/null", output: loop.folder.file("prometheus.log"),
            errors: loop.folder.file("prometheus.log"))
    }

    /// Each named port of the cache's master, as discovery lists it.
    private static func targets(_ loop: Loop, _ cache: String) throws -> [String] {
        let pod = try loop.api.get("/api/v1/namespaces/default/pods/\(cache)-master-0")
        let address = pod["status"]["podIP"].string ?? ""
        return pod["spec"]["containers"].array.flatMap { $0["ports"].array }.map { port in
            let labels = [
                "__meta_kubernetes_namespace": "default", "__meta_kubernetes_pod_name": "\(cache)-master-0",
                "__meta_kubernetes_pod_container_port_name": port["name"].string ?? "",
                "__meta_kubernetes_pod_label_release": cache,
            ]
            return json(["targets": ["\(address):\(port["containerPort"].int ?? 0)"], "labels": labels])
        }
    }

    func stop() {
        child.kill(SIGTERM)
        _ = child.wait()
    }

    /// The one value of a query; nil where there is none, or more than one.
    func value(of query: String) throws -> String? {
        let asked = try Command(words: [
            "curl", "--silent", "--noproxy", "*", "--max-time", "5", "--get", "--data-urlencode", "query=\(query)",
            "http://127.0.0.1:\(port)/api/v1/query",
        ]).run()
        guard asked.succeeded else { return nil }
        let result = try JSON(text: asked.output)["data"]["result"].array
        return result.count == 1 ? result[0]["value"][1].string : nil
    }

    /// The queries of the adapter's rules, in their order.
    static func queries() throws -> [String] {
        let text = try Data(contentsOf: URL(filePath: monitoring + "/adapter-rules.yaml"))
        return try YAMLReader.documents(Array(text)).flatMap { document in
            try JSON(text: String(decoding: document.json.encoded(), as: UTF8.self))["rules"].array
                .compactMap { $0["metricsQuery"].string }
        }
    }
}
