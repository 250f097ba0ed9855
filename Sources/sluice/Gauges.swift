internal import Controller
internal import Glibc
internal import Kubernetes
internal import Synchronization
internal import Transport
internal import Wire

/// The gauges that are read when somebody asks, and not kept up to date by whoever changes them.
final class Gauges: Sendable {
    private let metrics: Metrics
    private let certificates: CertificateStore?
    private let store: Store?
    private let server = Mutex<Server?>(nil)

    init(metrics: Metrics, certificates: CertificateStore?, store: Store?) {
        self.metrics = metrics
        self.certificates = certificates
        self.store = store
        metrics.set(.buildInfo, [Version.number], to: 1)
        metrics.set(.processStart, to: Double(time(nil)))
    }

    /// Counts the connections of this server from now on.
    func watch(_ server: Server) {
        self.server.withLock { $0 = server }
    }

    /// Reads everything anew.
    func refresh() {
        ProcessStatistics.record(in: metrics)
        if let certificates { metrics.set(.certificateExpiry, to: Double(certificates.certificate.notAfter)) }
        if let server = server.withLock({ $0 }) {
            metrics.set(.connections, to: Double(server.statistics.connections))
        }
        guard let store else { return }
        for kind in StoredKind.allCases {
            metrics.set(.watchSynced, [kind.rawValue], to: store.isSynced(kind) ? 1 : 0)
        }
    }
}
