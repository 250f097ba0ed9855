import Synchronization

/// The Sluice that the cluster's webhooks lead to: always at the same ports, so that another may take its place.
final class SluiceHolder: Sendable {
    let folder: TemporaryFolder
    private let host: String
    /// What Sluice knows the cluster by.
    let kubeconfig: String
    private let ports = (SluiceProcess.freePort(), SluiceProcess.freePort())
    private let running = Mutex<SluiceProcess?>(nil)

    init(folder: TemporaryFolder, host: String, kubeconfig: String) {
        self.folder = folder
        self.host = host
        self.kubeconfig = kubeconfig
    }

    /// The one that runs now.
    var current: SluiceProcess {
        guard let process = running.withLock({ $0 }) else { preconditionFailure("no Sluice was started") }
        return process
    }

    /// How the suite's Sluice is started.
    ///
    /// It only answers: nobody else may change what a test looks at.
    var options: [String] {
        [
            "--roles", "webhook", "--reconciler-user", World.user, "--kubeconfig", kubeconfig, "--tls-cert",
            folder.file("certs/tls.crt"), "--tls-key",
            folder.file("certs/tls.key"),
        ]
    }

    /// Starts one and waits until it is ready.
    func start(_ extra: [String] = ["--missing-target=deny"]) async throws {
        let process = try SluiceProcess(host: host, folder: folder, ports: ports, options + extra)
        running.withLock { $0 = process }
        try await process.waitUntilReady()
    }

    /// Ends the one that runs, and starts another at its ports.
    func restart(_ extra: [String] = ["--missing-target=deny"]) async throws {
        current.kill(15)
        _ = try await current.waitUntilEnded()
        try await start(extra)
    }
}
