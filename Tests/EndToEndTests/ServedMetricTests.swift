import Foundation
import Testing

extension `The loop` {
    /// What is filled in where no metric is written is one that the cluster has, by whoever serves the group.
    @Test func `is closed by the metric that this cluster serves, where none is written`() async throws {
        let loop = try await LoopWorld.shared.load()
        let cache = LoopCache(loop: loop, name: "unwritten")
        try cache.make(workers: 1)
        // Discovery is asked every 30 s.
        try await eventually("Sluice's own, of the Dataset", withinSeconds: 90) {
            try filledIn(cache, kind: "Dataset")
        }
        try await withAdapter(loop, ["pods", "alluxioruntimes.data.fluid.io"]) {
            try await eventually("an adapter's, of the runtime", withinSeconds: 120) {
                try filledIn(cache, kind: "AlluxioRuntime")
            }
        }
        for kind in ["alluxioruntime", "dataset"] {
            try Loop.must(["kubectl", "delete", kind, cache.name], loop.environment)
        }
    }

    /// Whether an HPA without a metric gets this object's, and no warning about it.
    private func filledIn(_ cache: LoopCache, kind: String) throws -> Bool {
        let applied = try Command(
            words: ["kubectl", "apply", "--validate=false", "--dry-run=server", "-o", "json", "-f", "-"],
            environment: cache.loop.environment, input: json(hpa(cache.name, of: cache.name))
        ).run()
        guard applied.succeeded else { throw Trouble("\(applied)") }
        let metrics = try JSON(text: applied.output)["spec"]["metrics"].array
        let described = metrics.first?["object"]["describedObject"]
        guard metrics.count == 1, described?["kind"].string == kind, described?["name"].string == cache.name,
            !applied.errors.contains("W214"), applied.errors.contains("capacity_used_rate of the \(kind)")
        else { throw Trouble("\(applied)") }
        return true
    }

    /// Lets somebody else serve the group, who has the metric of these alone.
    private func withAdapter(_ loop: Loop, _ resources: [String], _ test: () async throws -> Void) async throws {
        let register = Repository.path("Tests/Cluster/register"), authority = loop.folder.file("certs/ca.crt")
        let port = SluiceProcess.freePort()
        let me = String(ProcessInfo.processInfo.processIdentifier)
        let adapter = try Child(
            [
                "Tests/Cluster/leash", me, Repository.path("Tests/StandIns/custom-metrics"), loop.sluice.host,
                "\(port)",
                loop.folder.file("certs/tls.crt"), loop.folder.file("certs/tls.key"),
            ] + resources, environment: loop.environment, input: "/dev/null", output: loop.folder.file("adapter.log"),
            errors: loop.folder.file("adapter.log"))
        let url = "https://\(loop.sluice.host):\(port)"
        let tested: Result<Void, any Error>
        do {
            try Loop.must([register, "metrics", url, authority], loop.environment, limitSeconds: 60)
            tested = .success(try await test())
        } catch {
            tested = .failure(error)
        }
        adapter.kill(SIGTERM)
        _ = adapter.wait()
        try Loop.must([register, "metrics", loop.sluice.url, authority], loop.environment, limitSeconds: 60)
        try tested.get()
    }
}
