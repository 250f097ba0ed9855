internal import Controller
internal import Kubernetes
internal import Transport
internal import Wire

/// The API server that this process works with, and who we are there.
final class ClusterConnection: Sendable {
    /// The cluster, for whoever asks or writes.
    let cluster: LiveCluster
    /// The user that our credentials stand for; nil if they don't tell.
    let ownUser: String?
    /// Our namespace, as the configuration says; nil if it does not.
    let namespace: String?
    /// Where the API server is, and how we know.
    let description: String
    private let client: Client
    private let loop: EventLoop

    /// Reads the configuration; nothing is sent yet.
    ///
    /// - Parameter remedy: what to say where there is none.
    init(
        _ settings: ServeSettings, remedy: String = "say --kubeconfig FILE", log: @escaping LogSink
    ) throws(StartError) {
        let reader = FileReader { path in
            guard FileReading.exists(path) else { return .absent }
            do throws(FileError) {
                return .bytes(try FileReading.bytes(path, max: TLSLimits.maximumPEMBytes))
            } catch {
                return .failed(error.reason)
            }
        }
        let configuration: ClusterConfiguration
        do throws(ConfigurationError) {
            configuration = try ClusterConfiguration.find(
                kubeconfig: settings.kubeconfig, context: settings.context, environment: Environment.ofCluster,
                read: reader)
        } catch {
            throw StartError(reason: "\(error); \(remedy)")
        }
        for warning in configuration.warnings {
            log(LogRecord(.warning, "kubeconfig", [("text", .string(warning))]))
        }
        description = "\(configuration.server) (\(configuration.origin))"
        namespace = configuration.namespace
        let tokens = LiveClusterTokens(configuration.token, read: reader)
        ownUser =
            tokens.current().flatMap(TokenClaims.subject)
            ?? configuration.clientCertificate.flatMap { pem in
                // What is no certificate is told when it is used.
                try? TLSCertificate(pem: pem).commonName
            }
        do {
            loop = try EventLoop(name: "client")
            try loop.start()
            client = try Client(
                loop: loop,
                endpoint: ClientEndpoint(
                    host: configuration.server.host, port: configuration.server.port,
                    serverName: configuration.serverName),
                tls: configuration.server.usesTLS ? TLSClientConfiguration(configuration) : nil)
        } catch {
            throw StartError(reason: "\(description): \(error)")
        }
        cluster = LiveCluster(
            client: client, basePath: configuration.server.basePath, tokens: tokens,
            userAgent: "sluice/\(Version.number)")
    }

    /// Keeps `store` told who serves metrics, until the task is cancelled.
    func pollCustomMetrics(into store: Store) async {
        await CustomMetricsPoll(of: cluster, to: store).run()
    }

    /// Keeps these kinds in `store` as the cluster has them, until the task is cancelled.
    func reflect(_ kinds: [StoredKind], into store: Store, metrics: Metrics, log: @escaping LogSink) async {
        await reflectAll(kinds, from: cluster, to: store, seed: UInt64.random(in: 0...UInt64.max)) { notice in
            let kind = notice.kind.rawValue
            let resource: (name: String, value: JSON) = ("resource", .string(kind))
            switch notice.event {
            case .listed(let count):
                metrics.increment(.watchRestarts, [kind])
                log(LogRecord(.info, "listed", [resource, ("count", .integer(Int64(count)))]))
            case .absent:
                log(LogRecord(.info, "the cluster has no such resource yet", [resource]))
            case .listFailed(let error):
                metrics.increment(.watchFailures, [kind, "list"])
                log(LogRecord(.warning, "list failed, trying again", [resource, ("reason", .string("\(error)"))]))
            case .watchFailed(let error):
                metrics.increment(.watchFailures, [kind, "watch"])
                log(LogRecord(.warning, "watch failed, trying again", [resource, ("reason", .string("\(error)"))]))
            case .unreadable(let key, let error):
                metrics.increment(.watchFailures, [kind, "object"])
                log(
                    LogRecord(
                        .warning, "object can't be read, ignoring it",
                        [resource, ("object", .string("\(key)")), ("reason", .string("\(error)"))]))
            }
        }
    }

    /// Closes the connections and ends the loop.
    func close() {
        client.close()
        loop.stop()
        loop.join()
    }
}

extension TLSClientConfiguration {
    /// Whom we trust and what we show, as a kubeconfig or the pod's account says.
    fileprivate init(_ configuration: ClusterConfiguration) {
        let trust: Trust =
            if !configuration.verifiesServer {
                .anybody
            } else if let authority = configuration.certificateAuthority {
                .authorities(pem: authority)
            } else {
                .system
            }
        self.init(trust: trust)
        certificateChainPEM = configuration.clientCertificate
        privateKeyPEM = configuration.clientKey
    }
}

extension LiveClusterTokens {
    /// Takes the token from where the configuration says.
    fileprivate convenience init(_ source: TokenSource, read: FileReader) {
        switch source {
        case .none: self.init()
        case .fixed(let token): self.init(fixed: token)
        case .file(let path):
            self.init(reading: {
                guard case .bytes(let bytes) = read(path) else { return nil }
                let token = String(decoding: bytes, as: UTF8.self).filter { $0 > " " && $0 < "\u{7F}" }
                return token.isEmpty ? nil : token
            })
        }
    }
}
