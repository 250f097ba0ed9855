internal import Controller
internal import Rules
internal import Wire

/// Everything that `sluice serve` can be told, with its defaults.
///
/// A flag wins over the environment (`SLUICE_…`), that over the configuration file, that over what stands here.
struct ServeSettings: Sendable {
    /// The parts of the process.
    enum Role: String, Sendable, CaseIterable {
        /// Answers the API server.
        case webhook
        /// Drains and removes workers; needs the right to exec.
        case reconciler
        /// Looks how full caches are, and tells autoscalers; needs the right to ask pods through the API server.
        case metrics
    }

    /// How log lines look.
    enum LogFormat: String, Sendable, CaseIterable {
        case json
        case text
    }

    // What is served, and where.
    var listen = [ListenAddress(host: "127.0.0.1", port: 9443)]
    /// Where `/healthz`, `/readyz` and `/metrics` are, in plain text; nil for nowhere.
    var metrics: ListenAddress? = ListenAddress(host: "127.0.0.1", port: 8080)
    /// How many event loops answer admissions.
    var threads = 1
    var tlsCertificate: String?
    var tlsKey: String?
    /// A folder in which a certificate is made, or found again.
    var selfSigned: String?
    var tlsMinimumVersion = TLSVersion.v13
    /// How often the certificate's files are looked at for a change.
    var certificateCheckInterval = Duration.seconds(10)
    /// Whoever signed the callers' certificates; nil lets everybody call.
    var clientCA: String?
    /// The names that a caller's certificate may have; empty for any.
    var clientNames: [String] = []

    // Limits of the admission port.
    var maximumConnections = 1024
    var maximumBytesInFlight = 16 << 20
    var handshakeTimeout = Duration.seconds(5)
    var headerTimeout = Duration.seconds(5)
    var bodyTimeout = Duration.seconds(5)
    var idleTimeout = Duration.seconds(90)
    /// How long an answer may take where the request does not say (`?timeout=`).
    var answerTimeout = Duration.seconds(3)
    /// How long to go on answering after SIGTERM before connections are told to go away.
    var shutdownLinger = Duration.seconds(5)
    /// How long running requests may take after that.
    var shutdownTimeout = Duration.seconds(10)

    // The cluster.
    /// A kubeconfig file; nil looks at `KUBECONFIG`, then at the pod's own account, then at ~/.kube/config.
    var kubeconfig: String?
    /// The kubeconfig's context; nil for its current one.
    var context: String?
    /// Serve with an empty store and without any client.
    var noCluster = false
    var roles: Set<Role> = [.webhook, .reconciler]
    /// The user whose lowering of a worker set is believed; nil for our own account.
    var reconcilerUser: String?
    var leaseName = "sluice"
    /// The namespace of the Lease; nil for the pod's own, else `sluice-system`.
    var leaseNamespace: String?

    // Admission.
    /// The users whose counts beyond a runtime's bounds are brought to the bound: controllers, which only say what they
    /// would like to have.
    var scalerUsers = [
        "system:serviceaccount:kube-system:horizontal-pod-autoscaler", "system:kube-controller-manager",
        "system:serviceaccount:keda:keda-operator",
    ]
    var missingTarget = AdmissionPolicy.MissingTarget.warn
    var defaultMaxReplicas: Int64 = 10

    // The drain.
    /// What holds for a runtime whose annotations say nothing.
    var drain = DrainPolicy()
    var maximumDrains = 4
    /// Fluid <= 0.4: remove a drained worker by taking its node's labels away.
    var removeByNodeLabel = false
    /// Fluid 0.5 and 0.6: deny a lower count until the workers are drained that Fluid will remove.
    var gateRuntimeScaleIn = false
    /// Who removes the workers of a DaemonSet.
    var daemonRemoval: DaemonRemoval {
        gateRuntimeScaleIn ? .gated : removeByNodeLabel ? .byNodeLabel : .unattended
    }

    /// Whether anybody who reaches the port can have workers drained, by a review that pretends a lower count.
    var gateTrustsNetwork: Bool {
        gateRuntimeScaleIn && roles.contains(.webhook) && !noCluster && clientCA == nil
    }

    // Figures of caches.
    /// How often the caches are asked that something scales.
    var metricsInterval = Duration.seconds(15)

    // The log.
    var logFormat = LogFormat.json
    var logLevel = LogRecord.Level.info

    /// Whether this process has a TLS port.
    var servesTLS: Bool { roles.contains(.webhook) || roles.contains(.metrics) }

    /// What the rules are told.
    ///
    /// - Parameter ownUser: the user that our own credentials stand for, as far as that is known.
    func admissionPolicy(ownUser: String?) -> AdmissionPolicy {
        AdmissionPolicy(
            defaultMaximum: defaultMaxReplicas, missingTarget: missingTarget,
            reconcilerUser: reconcilerUser ?? ownUser ?? "", scalerUsers: Set(scalerUsers), drainDefaults: drain,
            daemonRemoval: daemonRemoval)
    }
}
