/// Every metric that Sluice exposes: its name, its labels and its meaning.
public enum MetricFamily: Sendable, Hashable, CaseIterable {
    // The meaning of each stands in `help`.
    case admissionRequests, admissionDuration, hold
    case drainState, drainDuration, drainBytes, drainAttempts, drainBlocked, workersRemoved, workerSetsDeleted
    case undrainedRemovals, drainSkipped, reconcileTroubled, leaseTroubled
    case watchEvents, watchRestarts, watchFailures, watchSynced
    case leader, certificateExpiry, certificateReloads
    case connections, connectionsRefused, bytesInFlight, requestsShed, logLinesDropped
    case figureLooks, customMetricsRequests
    case buildInfo, processResidentMemory, processCPU, processStart, processDescriptors

    /// How Prometheus reads a family.
    public enum Kind: String, Sendable {
        case counter, gauge, histogram
    }

    /// Upper bounds of the duration buckets in seconds: an admission takes tens of microseconds, a live read milliseconds.
    public static let bucketBounds: [Double] = [
        0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 3,
        10, 30, 60, 120, 300, 600, 1800,
    ]

    /// The metric's name in Prometheus.
    public var name: String { row.name }
    /// Counter, gauge or histogram.
    public var kind: Kind { row.kind }
    /// Label names, in the order in which values are given.
    public var labels: [String] { row.labels }
    /// One line of explanation.
    public var help: String { row.help }

    private var row: (name: String, kind: Kind, labels: [String], help: String) {
        switch self {
        case .admissionRequests:
            (
                "sluice_admission_requests_total", .counter, ["webhook", "kind", "operation", "decision", "code"],
                "Admission reviews answered; code is the first rule that decided, or empty."
            )
        case .admissionDuration:
            (
                "sluice_admission_duration_seconds", .histogram, ["webhook", "kind", "operation"],
                "Time from the whole request to its answer."
            )
        case .hold:
            (
                "sluice_hold_total", .counter, ["namespace", "runtime"],
                "Lowered counts and changed labels of worker sets that were put back."
            )
        case .drainState:
            ("sluice_drain_state", .gauge, ["namespace", "runtime", "state"], "1 for the state that a drain is in.")
        case .drainDuration:
            (
                "sluice_drain_duration_seconds", .histogram, ["outcome"],
                "Time from the first check to the end of a drain."
            )
        case .drainBytes:
            ("sluice_drain_bytes", .gauge, ["namespace", "runtime"], "Bytes still held by the leaving workers.")
        case .drainAttempts:
            (
                "sluice_drain_attempts_total", .counter, ["namespace", "runtime"],
                "Calls of the alluxio client that were begun for drains."
            )
        case .drainBlocked:
            (
                "sluice_drain_blocked", .gauge, ["namespace", "runtime", "reason"],
                "1 while a drain is blocked for a reason."
            )
        case .workersRemoved:
            (
                "sluice_drain_workers_removed_total", .counter, ["namespace", "runtime"],
                "Workers removed after a drain."
            )
        case .undrainedRemovals:
            (
                "sluice_undrained_removals_total", .counter, ["namespace", "runtime"],
                "Workers that went with something on them that nobody drained, or that nobody could look at."
            )
        case .drainSkipped:
            (
                "sluice_drain_skipped_total", .counter, ["namespace", "runtime"],
                "Pods that went undrained by a person's word (sluice.dev/skip-drain)."
            )
        case .reconcileTroubled:
            (
                "sluice_reconcile_troubled", .gauge, ["namespace", "runtime"],
                "1 while what stands in the way of a drain can't be told on its object."
            )
        case .leaseTroubled:
            ("sluice_lease_troubled", .gauge, [], "1 while the lease can be neither read nor written.")
        case .workerSetsDeleted:
            (
                "sluice_worker_set_deletions_total", .counter, ["namespace", "runtime"],
                "Worker sets of living runtimes that were deleted, their workers undrained."
            )
        case .watchEvents:
            ("sluice_watch_events_total", .counter, ["resource"], "Events received from the API server.")
        case .watchRestarts:
            ("sluice_watch_restarts_total", .counter, ["resource"], "Lists that were made again, by resource.")
        case .watchFailures:
            (
                "sluice_watch_failures_total", .counter, ["resource", "what"],
                "Lists and watches that failed, and objects that could not be read."
            )
        case .watchSynced:
            ("sluice_watch_synced", .gauge, ["resource"], "1 when the resource's cache has been filled.")
        case .leader:
            ("sluice_leader", .gauge, [], "1 while this process holds the lease and reconciles.")
        case .certificateExpiry:
            (
                "sluice_certificate_expiry_timestamp_seconds", .gauge, [],
                "When the served certificate ends, in seconds since 1970."
            )
        case .certificateReloads:
            (
                "sluice_certificate_reloads_total", .counter, ["result"],
                "Certificate pairs that were read: loaded or refused."
            )
        case .connections:
            ("sluice_connections", .gauge, [], "Open connections, of both listeners.")
        case .connectionsRefused:
            (
                "sluice_connections_refused_total", .counter, [],
                "Connections that were closed, or not taken, because there were too many."
            )
        case .bytesInFlight:
            ("sluice_bytes_in_flight", .gauge, [], "Bytes of requests and answers that are kept.")
        case .requestsShed:
            (
                "sluice_requests_shed_total", .counter, [],
                "Requests refused with 503, and connections closed, because too many bytes were in flight."
            )
        case .logLinesDropped:
            (
                "sluice_log_lines_dropped_total", .counter, [],
                "Log lines dropped because standard output was not read."
            )
        case .figureLooks:
            (
                "sluice_cache_looks_total", .counter, ["result"],
                "Looks at the figures of caches: done or failed."
            )
        case .customMetricsRequests:
            (
                "sluice_custom_metrics_requests_total", .counter, ["resource", "code"],
                "Requests for figures by custom.metrics.k8s.io, by what they are about and the answer's status."
            )
        case .buildInfo:
            ("sluice_build_info", .gauge, ["version"], "Always 1; the label tells the version.")
        case .processResidentMemory:
            ("process_resident_memory_bytes", .gauge, [], "Resident memory.")
        case .processCPU:
            ("process_cpu_seconds_total", .counter, [], "Processor time used.")
        case .processStart:
            ("process_start_time_seconds", .gauge, [], "When the process started, in seconds since 1970.")
        case .processDescriptors:
            ("process_open_fds", .gauge, [], "Open file descriptors.")
        }
    }
}
