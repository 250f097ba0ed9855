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
    private let kinds: [StoredKind]
    private let droppedLogLines: @Sendable () -> Int64
    private let server = Mutex<Server?>(nil)

    init(
        metrics: Metrics, certificates: CertificateStore?, store: Store?, kinds: [StoredKind],
        droppedLogLines: @escaping @Sendable () -> Int64
    ) {
        self.droppedLogLines = droppedLogLines
        self.metrics = metrics
        self.certificates = certificates
        self.store = store
        self.kinds = kinds
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
            let statistics = server.statistics
            metrics.set(.connections, to: Double(statistics.connections))
            metrics.set(.connectionsRefused, to: Double(statistics.refused))
            metrics.set(.bytesInFlight, to: Double(statistics.bytesInFlight))
            metrics.set(.requestsShed, to: Double(statistics.shed))
        }
        metrics.set(.logLinesDropped, to: Double(droppedLogLines()))
        guard let store else { return }
        for kind in kinds {
            metrics.set(.watchSynced, [kind.rawValue], to: store.isSynced(kind) ? 1 : 0)
        }
    }
}
