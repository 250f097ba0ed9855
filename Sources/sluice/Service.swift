internal import Controller
internal import Glibc
internal import Kubernetes
internal import Rules
internal import Transport
internal import Wire

/// The running process: its listeners, its view of the cluster, and their life from start to shutdown.
final class Service: Sendable {
    private let settings: ServeSettings
    private let log: LogSink
    private let metrics = Metrics()
    private let readiness = Readiness()
    /// Nil where this process has no TLS port.
    private let certificates: CertificateStore?
    private let connection: ClusterConnection?
    private let store: Store?
    private let server: Server
    /// Nil where this process does not reconcile.
    private let drains: DrainService?
    /// Nil where this process tells no figures.
    private let figures: FigureService?
    /// Nil where lower counts are not gated.
    private let scaleInRequests: ScaleInRequests?
    /// Waits for signals; its end is the end of the process.
    private let control: EventLoop

    /// Opens everything that can fail: certificate, kubeconfig, sockets.
    init(_ settings: ServeSettings, log writer: LogWriter) throws(StartError) {
        let log = writer.sink
        self.settings = settings
        self.log = log
        let metrics = metrics
        certificates = settings.servesTLS ? try Self.openCertificates(settings, metrics, log) : nil
        connection =
            settings.noCluster
            ? nil
            : try ClusterConnection(
                settings, remedy: "say --kubeconfig FILE, or --no-cluster to serve without one", log: log)
        let changes = ChangeRelay()
        store = connection == nil ? nil : Store { changes.pass($0) }
        if let connection, let store, settings.roles.contains(.reconciler) {
            let drains = DrainService(settings, connection: connection, store: store, metrics: metrics, log: log)
            changes.add { drains.noteChange($0) }
            self.drains = drains
        } else {
            drains = nil
        }
        if let connection, let store, settings.roles.contains(.metrics) {
            let figures = FigureService(settings, connection: connection, store: store, metrics: metrics, log: log)
            changes.add { figures.noteChange($0) }
            self.figures = figures
        } else {
            figures = nil
        }
        var watch: DrainWatch?
        if let connection, let store, settings.gateRuntimeScaleIn, settings.roles.contains(.webhook) {
            scaleInRequests = ScaleInRequests(cluster: connection.cluster, store: store, log: log)
            let seen = DrainWatch { .nanoseconds(MonotonicTime.current().nanoseconds) }
            changes.add { seen.noteChange($0, store: store) }
            watch = seen
        } else {
            scaleInRequests = nil
        }
        let ownUser = connection?.ownUser
        let handler = AdmissionHandler(
            settings: AdmissionSettings(
                policy: settings.admissionPolicy(ownUser: ownUser), answerTimeout: settings.answerTimeout),
            store: store, metrics: metrics, log: log, now: { .nanoseconds(MonotonicTime.current().nanoseconds) },
            wallClock: { [connection] in connection?.cluster.wallClockMilliseconds() ?? 0 },
            scaleInRequests: scaleInRequests, watch: watch)
        let endpoint = TLSEndpoint(
            admission: settings.roles.contains(.webhook)
                ? AdmissionEndpoint(handler: handler, cluster: connection?.cluster) : nil, figures: figures)
        let gauges = Gauges(
            metrics: metrics, certificates: certificates, store: store, kinds: settings.watchedKinds
        ) { writer.droppedLines }
        let page = MetricsPage { [figures] in
            gauges.refresh()
            return metrics.render() + (figures?.series() ?? [])
        }
        let health = HealthEndpoint(readiness: readiness, metrics: page)
        var listeners: [ListenerSettings] = []
        if let certificates {
            listeners = settings.listen.map {
                ListenerSettings(address: $0.description, certificates: certificates, handler: endpoint)
            }
        }
        if let address = settings.metrics {
            listeners.append(ListenerSettings(address: address.description, handler: health))
        }
        do throws(SystemError) {
            control = try EventLoop(name: "control")
            var limits = settings.serverSettings
            try limits.fitDescriptors { reason in
                log(LogRecord(.warning, "fewer connections than set", [("reason", .string(reason))]))
            }
            server = try Server(settings: limits, listeners: listeners)
        } catch {
            throw StartError(reason: "\(error)")
        }
        gauges.watch(server)
        tellWhoReconciles(ownUser)
        tellWhomTheGateTrusts()
    }

    /// Serves until a signal has ended it, and all running requests are answered.
    func run() throws(StartError) -> ExitStatus {
        do throws(SystemError) {
            try control.start()
            try server.start(certificateInterval: settings.certificateCheckInterval)
        } catch {
            throw StartError(reason: "\(error)")
        }
        log(
            LogRecord(
                .info, "serving",
                [
                    ("version", .string(Version.number)),
                    ("addresses", .array(server.addresses.map(JSON.string))),
                    ("cluster", .string(connection?.description ?? "none")),
                    ("roles", .array(settings.roles.map(\.rawValue).sorted().map(JSON.string))),
                    ("threads", .integer(Int64(settings.threads))),
                    ("settings", .array(Setting.changed(settings).map(JSON.string))),
                ]))
        let work = start()
        control.execute { [self] in
            do throws(SystemError) {
                try Signals.watch(on: control) { [self] signal in handle(signal, work) }
            } catch {
                log(LogRecord(.error, "signals can't be watched", [("reason", .string("\(error)"))]))
            }
        }
        control.join()
        connection?.close()
        log(LogRecord(.info, "ended"))
        return .success
    }

    /// Starts what runs beside the listeners: watching the cluster, and calling ourselves.
    private func start() -> Task<Void, Never> {
        if let certificates {
            readiness.add {
                certificates.isValidNow ? nil : "the certificate in \(certificates.files.certificate) is not valid now"
            }
        }
        if let store {
            let kinds = settings.watchedKinds
            readiness.add {
                let missing = kinds.filter { !store.isSynced($0) }.map(\.rawValue)
                return missing.isEmpty ? nil : "still listing \(missing.joined(separator: ", "))"
            }
        }
        if let drains { readiness.addNote { drains.troubles } }
        if let store, settings.roles.contains(.reconciler) {
            readiness.addNote {
                store.isSynced(.drains) && !store.isPresent(.drains)
                    ? ["there is no WorkerDrain (workerdrains.sluice.dev): nothing is drained"] : []
            }
        }
        if let figures { readiness.addNote { figures.trouble.map { [$0] } ?? [] } }
        let probe = SelfCall(server: server, settings: settings)
        readiness.add { probe.failure }
        return Task { [self] in
            await withDiscardingTaskGroup { group in
                group.addTask { await probe.run() }
                if let drains {
                    group.addTask { await drains.run() }
                }
                if let figures {
                    group.addTask { await figures.run() }
                }
                if let scaleInRequests {
                    group.addTask { await scaleInRequests.run() }
                }
                if let connection, let store {
                    group.addTask { [self] in
                        await connection.reflect(settings.watchedKinds, into: store, metrics: metrics, log: log)
                    }
                    if settings.roles.contains(.webhook) {
                        group.addTask { await connection.pollCustomMetrics(into: store) }
                    }
                }
            }
        }
    }

    private func handle(_ signal: ProcessSignal, _ work: Task<Void, Never>) {
        switch signal {
        case .reload:
            certificates?.reload()
        case .terminate:
            readiness.shutDown()
            log(LogRecord(.info, "shutting down", [("linger", .string("\(settings.shutdownLinger)"))]))
            Task { [self] in
                await server.shutdown(linger: settings.shutdownLinger, deadline: settings.shutdownTimeout)
                // No action of ours may be under way when the lease is given up.
                work.cancel()
                await work.value
                await drains?.release()
                control.stop()
            }
        }
    }

    /// Whoever may lower worker sets is worth a line: the wrong name means that our own removals are held.
    private func tellWhoReconciles(_ ownUser: String?) {
        guard connection != nil else { return }
        if let user = settings.reconcilerUser ?? ownUser {
            log(LogRecord(.info, "worker sets are lowered by", [("user", .string(user))]))
        } else {
            log(
                LogRecord(
                    .warning, "nobody may lower worker sets",
                    [("remedy", "our credentials carry no name; say --reconciler-user")]))
        }
    }

    /// A denied lower count is noted on the worker set, and then drained: without client certificates whoever reaches the
    /// port can send such a review.
    private func tellWhomTheGateTrusts() {
        guard settings.gateTrustsNetwork else { return }
        log(
            LogRecord(
                .warning, "the scale-in gate trusts the network",
                [
                    ("reason", "any caller of the admission port can have workers drained by --gate-runtime-scale-in"),
                    ("remedy", "say --client-ca, or let only the API server reach the port"),
                ]))
    }

    private static func openCertificates(
        _ settings: ServeSettings, _ metrics: Metrics, _ log: @escaping LogSink
    ) throws(StartError) -> CertificateStore {
        var certificate = settings.tlsCertificate ?? ""
        var key = settings.tlsKey ?? ""
        if let folder = settings.selfSigned {
            do throws(FileError) {
                let files = try SelfSigned.prepare(folder, listen: settings.listen, now: Int64(time(nil)))
                certificate = files.certificate
                key = files.key
                log(
                    LogRecord(
                        .info, files.isNew ? "made a certificate" : "using the certificate made earlier",
                        [("authority", .string(files.authority))]))
            } catch {
                throw StartError(reason: "--self-signed: \(error)")
            }
        }
        var files = CertificateFiles(certificate: certificate, privateKey: key)
        files.clientAuthorities = settings.clientCA
        files.clientNames = settings.clientNames
        // The API server that passes requests for figures on has a certificate of another authority.
        files.judgesClientsByRequest = settings.roles.contains(.metrics)
        files.minimumVersion = settings.tlsMinimumVersion
        do throws(TLSError) {
            return try CertificateStore(files: files) { event in
                switch event {
                case .loaded(let leaf):
                    metrics.increment(.certificateReloads, ["loaded"])
                    log(
                        LogRecord(
                            .info, "certificate reloaded",
                            [
                                ("names", .array(leaf.names.map(JSON.string))),
                                ("expires", .string(RFC3339.seconds(leaf.notAfter &* 1000))),
                            ]))
                case .refused(let reason):
                    metrics.increment(.certificateReloads, ["refused"])
                    log(
                        LogRecord(
                            .error, "new certificate refused, the old one is served on", [("reason", .string(reason))]))
                }
            }
        } catch {
            throw StartError(reason: "\(error)")
        }
    }
}
