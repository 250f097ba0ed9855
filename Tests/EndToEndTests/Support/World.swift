import Foundation

/// The cluster that all end-to-end tests share, with a Sluice beside it that it asks.
///
/// It comes up with the first test that needs it and goes with this process, whatever ends that.
actor World {
    static let shared = World()
    /// The user that Sluice runs under, so that the administrator's own writes are not taken for its.
    static let user = "sluice"

    private var loaded: Result<Loaded, any Error>?

    /// What is there once the cluster is up.
    struct Loaded: Sendable {
        let folder: TemporaryFolder
        let api: API
        let environment: [String: String]
        let host: String
        let sluice: SluiceHolder
    }

    /// Brings the world up once; a failure stays a failure.
    func load() async throws -> Loaded {
        if let loaded { return try loaded.get() }
        let result: Result<Loaded, any Error>
        do { result = .success(try await bringUp()) } catch { result = .failure(error) }
        loaded = result
        return try result.get()
    }

    private func bringUp() async throws -> Loaded {
        let folder = try TemporaryFolder()
        guard FileManager.default.isExecutableFile(atPath: SluiceProcess.binary) else {
            throw Trouble("\(SluiceProcess.binary) is missing: swift build --product sluice")
        }
        let cluster = Repository.path("Tests/Cluster/cluster")
        let place = try Leftovers.cluster()
        let me = String(ProcessInfo.processInfo.processIdentifier)
        try must([cluster, "build"], limitSeconds: 1800)
        try must([cluster, "up", place, "--owner", me], limitSeconds: 180)
        let settings = try must(["bash", "-c", ". \"$0/env\"; echo \"$KUBERNETES_SERVER $WEBHOOK_HOST\"; env", place])
        let lines = settings.output.split(separator: "\n")
        let words = lines.first?.split(separator: " ").map(String.init) ?? []
        guard words.count == 2 else { throw Trouble("\(place)/env: \(settings)") }
        var environment = ["KUBECONFIG": place + "/kubeconfig"]
        for line in lines where line.hasPrefix("PATH=") || line.lowercased().hasPrefix("no_proxy=") {
            let parts = line.split(separator: "=", maxSplits: 1)
            environment[String(parts[0])] = parts.count > 1 ? String(parts[1]) : ""
        }
        try must([Repository.path("certs/make-certs"), "--dir", folder.file("certs"), words[1]])
        let register = Repository.path("Tests/Cluster/register")
        try must([register, "crds"], environment, limitSeconds: 60)
        try must([register, "rights", Self.user], environment)
        try must([cluster, "user", place, Self.user])
        let sluice = SluiceHolder(folder: folder, host: words[1], kubeconfig: place + "/\(Self.user).kubeconfig")
        try await sluice.start()
        try must([register, "webhooks", sluice.current.url, folder.file("certs/ca.crt")], environment)
        return Loaded(
            folder: folder, api: API(server: words[0], pki: place + "/pki"), environment: environment, host: words[1],
            sluice: sluice)
    }

    @discardableResult
    private func must(
        _ words: [String], _ environment: [String: String] = [:], limitSeconds: Int = 30
    ) throws -> Outcome {
        let outcome = try Command(words: words, environment: environment, limitSeconds: limitSeconds).run()
        guard outcome.succeeded else { throw Trouble("\(words.joined(separator: " ")): \(outcome)") }
        return outcome
    }
}
