import Foundation

/// A cluster with a node and the real HPA controller, and a Sluice beside it in all its roles: caches are a stand-in's, in
/// pods, and Fluid is one that scales as its releases do.
actor LoopWorld {
    static let shared = LoopWorld()

    private var loaded: Result<Loop, any Error>?

    /// Brings it up once; a failure stays a failure.
    func load() async throws -> Loop {
        if let loaded { return try loaded.get() }
        let result: Result<Loop, any Error>
        do { result = .success(try await Loop.start()) } catch { result = .failure(error) }
        loaded = result
        return try result.get()
    }
}

/// What is there once it is up.
struct Loop: Sendable {
    let folder: TemporaryFolder
    let place: String
    let api: API
    let environment: [String: String]
    let sluice: SluiceProcess

    static let cluster = Repository.path("Tests/Cluster/cluster")

    static func start() async throws -> Loop {
        let folder = try TemporaryFolder()
        let place = try Leftovers.loop()
        let me = String(ProcessInfo.processInfo.processIdentifier)
        try must([cluster, "build"], limitSeconds: 1800)
        try must([cluster, "up", place, "--node", "--hpa-sync", "2s", "--owner", me], limitSeconds: 180)
        let settings = try must(["bash", "-c", ". \"$0/env\"; echo \"$KUBERNETES_SERVER $WEBHOOK_HOST\"; env", place])
        let lines = settings.output.split(separator: "\n")
        let words = lines.first?.split(separator: " ").map(String.init) ?? []
        guard words.count == 2 else { throw Trouble("\(place)/env: \(settings)") }
        var environment = [
            "KUBECONFIG": place + "/kubeconfig", "ALLUXIO_HOME": Repository.path("Tests/StandIns/alluxio"),
        ]
        for line in lines where line.hasPrefix("PATH=") || line.lowercased().hasPrefix("no_proxy=") {
            let parts = line.split(separator: "=", maxSplits: 1)
            environment[String(parts[0])] = parts.count > 1 ? String(parts[1]) : ""
        }
        try must([Repository.path("certs/make-certs"), "--dir", folder.file("certs"), words[1]])
        let register = Repository.path("Tests/Cluster/register")
        try must([register, "crds"], environment, limitSeconds: 60)
        try must([register, "rights", World.user, "metrics"], environment)
        for user in [World.user, "nobody"] { try must([cluster, "user", place, user]) }
        let sluice = try SluiceProcess(
            host: words[1], folder: folder,
            [
                "--roles", "webhook,reconciler,metrics", "--metrics-interval", "1s", "--cooldown", "20s",
                "--kubeconfig",
                "\(place)/\(World.user).kubeconfig", "--tls-cert", folder.file("certs/tls.crt"), "--tls-key",
                folder.file("certs/tls.key"),
            ])
        try await sluice.waitUntilReady()
        try must([register, "webhooks", sluice.url, folder.file("certs/ca.crt")], environment)
        try must([register, "metrics", sluice.url, folder.file("certs/ca.crt")], environment, limitSeconds: 60)
        return Loop(
            folder: folder, place: place, api: API(server: words[0], pki: place + "/pki"), environment: environment,
            sluice: sluice)
    }

    @discardableResult
    static func must(
        _ words: [String], _ environment: [String: String] = [:], limitSeconds: Int = 30
    ) throws -> Outcome {
        let outcome = try Command(words: words, environment: environment, limitSeconds: limitSeconds).run()
        guard outcome.succeeded else { throw Trouble("\(words.joined(separator: " ")): \(outcome)") }
        return outcome
    }

    /// Runs a test on a cache of its own, which has an Alluxio, a Dataset and Fluid.
    func withCache(_ name: String, workers: Int, _ test: (LoopCache) async throws -> Void) async throws {
        try alluxio("up", name, "--workers", "\(workers)")
        let me = String(ProcessInfo.processInfo.processIdentifier)
        let fluid = try Child(
            ["Tests/Cluster/leash", me, Repository.path("Tests/StandIns/fluid"), place, "D", "default", name],
            environment: environment, input: "/dev/null", output: folder.file("fluid-\(name).log"),
            errors: folder.file("fluid-\(name).log"))
        let cache = LoopCache(loop: self, name: name)
        let made = Result { try cache.make(workers: workers) }
        if case .success = made { try await test(cache) }
        fluid.kill(SIGTERM)
        _ = fluid.wait()
        for kind in ["hpa", "alluxioruntime", "dataset"] {
            try Self.must(["kubectl", "delete", kind, name, "--ignore-not-found"], environment)
        }
        try alluxio("down", name)
        try made.get()
    }

    @discardableResult
    func alluxio(_ verb: String, _ name: String, _ words: String...) throws -> Outcome {
        try Self.must([Self.cluster, "alluxio", verb, place, name] + words, environment, limitSeconds: 180)
    }
}

/// One cache and what autoscalers are told of it.
struct LoopCache {
    let loop: Loop
    let name: String

    private static let runtimes = "/apis/data.fluid.io/v1alpha1/namespaces/default/alluxioruntimes"
    private static let datasets = "/apis/data.fluid.io/v1alpha1/namespaces/default/datasets"

    func make(workers: Int) throws {
        try create(Self.runtimes, runtime(name, replicas: workers))
        try create(
            Self.datasets,
            ["apiVersion": "data.fluid.io/v1alpha1", "kind": "Dataset", "metadata": ["name": name], "spec": [:]])
    }

    func create(_ path: String, _ object: [String: Any]) throws {
        let answer = try loop.api.send("POST", path, json(object))
        guard answer.succeeded else { throw Trouble("POST \(path): \(answer)") }
    }

    /// Makes the HPA of this runtime, which has one metric.
    func autoscale(_ metric: [String: Any]) throws {
        let version = KubernetesVersion.newestAutoscaling
        let object = hpa(
            name, of: name, version: version, minimum: 1, maximum: 3,
            spec: ["metrics": [metric], "behavior": ["scaleDown": ["stabilizationWindowSeconds": 0]]])
        try create("/apis/autoscaling/\(version)/namespaces/default/horizontalpodautoscalers", object)
    }

    private var autoscalerPath: String {
        "/apis/autoscaling/\(KubernetesVersion.newestAutoscaling)/namespaces/default/horizontalpodautoscalers/\(name)"
    }

    func autoscaler() throws -> JSON { try loop.api.get(autoscalerPath) }

    /// What the HPA's controller has read last, as it writes it.
    func currentMetrics() throws -> String { try autoscaler()["status"]["currentMetrics"].description }

    /// Gives the HPA's Object metric another target.
    func aim(at percent: Int) throws {
        let change = [["op": "replace", "path": "/spec/metrics/0/object/target/value", "value": "\(percent)"]]
        let answer = try loop.api.send("PATCH", autoscalerPath, json(change), as: .patch)
        guard answer.succeeded else { throw Trouble("\(answer)") }
    }

    func drain() throws -> JSON {
        try loop.api.get("/apis/sluice.dev/v1alpha1/namespaces/default/workerdrains/\(name)")
    }

    func workers() throws -> Int {
        let path = "/api/v1/namespaces/default/pods?labelSelector=release%3D\(name)%2Crole%3Dalluxio-worker"
        return try loop.api.get(path)["items"].array.count
    }

    /// The figures that the API server has from Sluice, such as `hbase-worker-0=17`.
    func figures(_ path: String, version: String = "v1beta2") throws -> [String] {
        let answer = try loop.api.send("GET", "/apis/custom.metrics.k8s.io/\(version)/namespaces/default/\(path)")
        guard answer.succeeded else { throw Trouble("\(path): \(answer)") }
        return answer.json["items"].array.map {
            "\($0["describedObject"]["name"].string ?? "?")=\($0["value"].string ?? "?")"
        }
    }

    /// Puts so many files of 1 MiB into the cache, each in a folder of its own name.
    func fill(_ folder: String, _ count: Int) throws { try loop.alluxio("fill", name, folder, "\(count)", "1048576") }
}
