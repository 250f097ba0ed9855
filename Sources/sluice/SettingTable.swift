internal import Controller
internal import Rules
internal import Wire

extension Setting {
    /// All settings, in the order of the help.
    static let all: [Setting] = serving + limits + cluster + admission + drain + figures + log

    private static let serving: [Setting] = [
        Setting(
            name: "listen", section: .serving, argument: .required("ADDRESS"),
            summary: "where admissions are answered, over TLS; may be given again", isList: true,
            apply: { (settings, values) throws(SettingError) in
                var addresses: [ListenAddress] = []
                for text in values { addresses.append(try ListenAddress(text)) }
                settings.listen = addresses
            }, show: { $0.listen.map(\.description).joined(separator: ",") }),
        value(
            "metrics", .serving, "ADDRESS|off", \.metrics, "where /healthz, /readyz and /metrics are, in plain text",
            read: { (text) throws(SettingError) in text == "off" ? nil : try ListenAddress(text) },
            show: { $0?.description ?? "off" }),
        text("tls-cert", .serving, "FILE", \.tlsCertificate, "the certificate chain, PEM; taken anew when it changes"),
        text("tls-key", .serving, "FILE", \.tlsKey, "its private key, PEM"),
        text("self-signed", .serving, "DIR", \.selfSigned, "make a certificate and its authority in DIR, or use those"),
        value(
            "tls-min-version", .serving, "1.2|1.3", \.tlsMinimumVersion, "the oldest TLS that is spoken",
            read: { (text) throws(SettingError) in
                switch text {
                case "1.2": .v12
                case "1.3": .v13
                default: throw SettingError(message: "'\(text)' is neither 1.2 nor 1.3")
                }
            }, show: { $0 == .v12 ? "1.2" : "1.3" }),
        duration(
            "cert-check-interval", .serving, \.certificateCheckInterval, in: .seconds(1) ... .seconds(86400),
            "how often the certificate's files are looked at"),
        text("client-ca", .serving, "FILE", \.clientCA, "ask callers for a certificate that this authority signed"),
        Setting(
            name: "client-name", section: .serving, argument: .required("NAME"),
            summary: "the name in a caller's certificate; may be given again; needs --client-ca", isList: true,
            apply: { (settings, values) throws(SettingError) in
                guard !values.contains("") else { throw SettingError(message: "it may not be empty") }
                settings.clientNames = values
            }, show: { $0.clientNames.joined(separator: ",") }),
        count("threads", .serving, \.threads, in: 1...64, "threads that answer admissions"),
    ]

    private static let limits: [Setting] = [
        count("max-connections", .limits, \.maximumConnections, in: 1...65536, "connections at a time"),
        count(
            "max-bytes-in-flight", .limits, \.maximumBytesInFlight, in: (16 << 20)...(4 << 30),
            "bytes of requests and answers at a time"),
        duration(
            "handshake-timeout", .limits, \.handshakeTimeout, in: short, "from accept to the end of the handshake"),
        duration(
            "header-timeout", .limits, \.headerTimeout, in: short, "from a request's first byte to its last header"),
        duration("body-timeout", .limits, \.bodyTimeout, in: short, "from there to the end of its body"),
        duration("idle-timeout", .limits, \.idleTimeout, in: .seconds(1) ... .seconds(3600), "between two requests"),
        duration("answer-timeout", .limits, \.answerTimeout, in: short, "for an answer, if the request does not say"),
        duration(
            "shutdown-linger", .limits, \.shutdownLinger, in: .zero ... .seconds(300),
            "how long to go on after SIGTERM, until everybody knows that we are not ready"),
        duration(
            "shutdown-timeout", .limits, \.shutdownTimeout, in: .zero ... .seconds(300),
            "how long requests that run may take after that"),
    ]

    private static let short = Duration.milliseconds(100) ... .seconds(30)

    private static let cluster: [Setting] = [
        text("kubeconfig", .cluster, "FILE", \.kubeconfig, "else KUBECONFIG, the pod's account, ~/.kube/config"),
        text("context", .cluster, "NAME", \.context, "the kubeconfig's context; else its current one"),
        flag("no-cluster", .cluster, \.noCluster, "answer without any cluster: rules that need one warn"),
        Setting(
            name: "roles", section: .cluster, argument: .required("webhook,reconciler,metrics"),
            summary: "what this process does", isList: true,
            apply: { (settings, values) throws(SettingError) in
                var roles: Set<ServeSettings.Role> = []
                for text in values { roles.insert(try SettingValue.choice(text, of: ServeSettings.Role.self)) }
                settings.roles = roles
            },
            show: { settings in
                ServeSettings.Role.allCases.filter(settings.roles.contains).map(\.rawValue).joined(separator: ",")
            }),
        text(
            "reconciler-user", .cluster, "USER", \.reconcilerUser,
            "who alone may lower a worker set; else our own account"),
        value(
            "lease-name", .cluster, "NAME", \.leaseName,
            "the Lease that elects who drains; the Role sluice-lease names it",
            read: objectName, show: { $0 }),
        text(
            "lease-namespace", .cluster, "NAME", \.leaseNamespace, "its namespace; else the pod's own, or sluice-system"
        ),
    ]

    private static let admission: [Setting] = [
        Setting(
            name: "scaler-user", section: .admission, argument: .required("USER"),
            summary: "whose counts are brought to the bounds; else Kubernetes' and KEDA's; repeatable",
            isList: true,
            apply: { (settings, values) throws(SettingError) in settings.scalerUsers = values.filter { !$0.isEmpty } },
            show: { $0.scalerUsers == ServeSettings().scalerUsers ? "" : $0.scalerUsers.joined(separator: ",") }),
        choice(
            "missing-target", .admission, \.missingTarget, "what an HPA gets whose runtime does not exist"),
        value(
            "default-max-replicas", .admission, "N", \.defaultMaxReplicas,
            "the maximum of a runtime that names none (D103)",
            read: { (text) throws(SettingError) in
                Int64(try SettingValue.count(text, in: 1...Int(Int32.max)))
            }, show: { "\($0)" }),
    ]

    private static let drain: [Setting] = [
        drain("drain", choices(DrainPolicy.Mode.self), "what a drain does", show: { $0.mode.rawValue }),
        drain("drain-scope", choices(DrainPolicy.Scope.self), "what is freed", show: { $0.scope.rawValue }),
        drain("drain-paths", "PATH,...", "what scope Path frees", show: { $0.paths.joined(separator: ",") }),
        drain("drain-client", choices(DrainPolicy.Client.self), "how it is freed", show: { $0.client.rawValue }),
        drain("drain-pinned", choices(DrainPolicy.Pinned.self), "pinned files", show: { $0.pinned.rawValue }),
        drain(
            "drain-deadline", "DURATION", "how long a drain may make no progress",
            show: { DurationText.written(milliseconds: $0.deadlineMilliseconds) }),
        drain(
            "on-deadline", choices(DrainPolicy.OnDeadline.self), "what happens then", show: { $0.onDeadline.rawValue }),
        drain(
            "cooldown", "DURATION", "how long no new drain begins after one",
            show: { DurationText.written(milliseconds: $0.cooldownMilliseconds) }),
        count("max-drains", .drain, \.maximumDrains, in: 1...1024, "drains at a time in the whole cluster"),
        flag(
            "remove-by-node-label", .drain, \.removeByNodeLabel,
            "Fluid 0.4 and older: remove a drained worker by its node's labels"),
        flag(
            "gate-runtime-scale-in", .drain, \.gateRuntimeScaleIn,
            "Fluid 0.5, 0.6: deny lower counts until drained; wants --client-ca"),
    ]

    private static let figures: [Setting] = [
        duration(
            "metrics-interval", .figures, \.metricsInterval, in: .seconds(1) ... .seconds(600),
            "how often caches are asked that something scales")
    ]

    private static let log: [Setting] = [
        choice("log-format", .log, \.logFormat, "how a line looks"),
        choice("log-level", .log, \.logLevel, "the least urgent line that is written"),
    ]

    private static func choices<Value: CaseIterable & RawRepresentable>(_ type: Value.Type) -> String
    where Value.RawValue == String {
        Value.allCases.map(\.rawValue).joined(separator: "|")
    }

    /// Reads a name as Kubernetes takes it for most objects (RFC 1123).
    private static func objectName(_ text: String) throws(SettingError) -> String {
        let isPlain = text.unicodeScalars.allSatisfy { scalar in
            ("a"..."z").contains(scalar) || ("0"..."9").contains(scalar) || scalar == "-" || scalar == "."
        }
        guard isPlain, !text.isEmpty, text.utf8.count <= 253 else {
            throw SettingError(message: "'\(text)' is no name of an object: a-z, 0-9, - and . only")
        }
        return text
    }
}
