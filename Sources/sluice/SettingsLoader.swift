/// Puts the sources of settings on top of each other: defaults, file, environment, flags.
struct SettingsLoader {
    /// The environment variable of `--config`.
    static let configVariable = "SLUICE_CONFIG"

    /// What an environment variable holds; nil where it is not set.
    let environment: (String) -> String?
    /// The names of all environment variables.
    var environmentNames: [String] = []
    /// Reads a whole file, or says why it can't be read.
    let readFile: (String) throws(UsageError) -> [UInt8]

    /// The options of `sluice serve`.
    static let options: [CommandOption] =
        [
            CommandOption(
                name: "config", argument: .required("FILE"),
                summary: "settings as YAML, by the names of the flags; flags and SLUICE_... win over it")
        ]
        + Setting.all.map { setting in
            CommandOption(
                name: setting.name, argument: setting.argument, summary: setting.summary,
                defaultText: setting.show(ServeSettings()))
        }

    /// Reads all sources.
    ///
    /// Throws at the first value that can't be read, naming the source it came from; then at settings that contradict
    /// each other.
    func load(_ arguments: ParsedArguments) throws(UsageError) -> ServeSettings {
        var settings = ServeSettings()
        var given: Set<String> = []
        if let path = arguments.last("config") ?? environment(Self.configVariable) {
            for entry in try SettingsFile.read(try readFile(path), path: path) {
                guard let setting = Setting.all.first(where: { $0.name == entry.key }) else {
                    let near = Spelling.nearest(to: entry.key, in: Setting.all.map(\.name))
                    throw UsageError(
                        message: "\(path):\(entry.line): there is no setting \(entry.key)",
                        hint: near.map { "do you mean \($0)?" } ?? "sluice serve --help lists all")
                }
                guard setting.isList || entry.values.count == 1 else {
                    throw UsageError(message: "\(path):\(entry.line): \(entry.key) takes one value")
                }
                try apply(setting, entry.values, to: &settings, from: "\(path):\(entry.line): \(entry.key)")
                given.insert(setting.name)
            }
        }
        for setting in Setting.all {
            if let text = environment(setting.environmentName) {
                try apply(setting, split(text, setting), to: &settings, from: setting.environmentName)
                given.insert(setting.name)
            }
            let values = arguments.all(setting.name)
            if !values.isEmpty {
                try apply(setting, values.flatMap { split($0, setting) }, to: &settings, from: "--\(setting.name)")
                given.insert(setting.name)
            }
        }
        try checkNames()
        try SettingsCheck.check(&settings, given: given)
        return settings
    }

    /// Refuses a variable that is meant for a setting and names none: what is not read would be missed much later.
    private func checkNames() throws(UsageError) {
        let prefix = "SLUICE_"
        let known = Setting.all.map(\.environmentName) + [Self.configVariable]
        for name in environmentNames.sorted() where name.hasPrefix(prefix) && !known.contains(name) {
            // Kubernetes gives a pod such variables for each service: SLUICE_PORT_443_TCP_ADDR.
            guard !name.contains("_SERVICE_"), !name.hasSuffix("_PORT"), !name.contains("_PORT_") else { continue }
            let near = Spelling.nearest(
                to: String(name.dropFirst(prefix.count)), in: known.map { String($0.dropFirst(prefix.count)) })
            guard let near else { continue }
            throw UsageError(message: "\(name) is no setting", hint: "do you mean \(prefix)\(near)?")
        }
    }

    private func split(_ text: String, _ setting: Setting) -> [String] {
        setting.isList ? text.split(separator: ",", omittingEmptySubsequences: false).map(String.init) : [text]
    }

    private func apply(
        _ setting: Setting, _ values: [String], to settings: inout ServeSettings, from source: String
    ) throws(UsageError) {
        do {
            try setting.apply(&settings, values)
        } catch {
            throw UsageError(message: "\(source): \(error.message)")
        }
    }
}

/// Finds settings that contradict each other.
enum SettingsCheck {
    /// Throws at the first contradiction; fills in what follows from other settings.
    static func check(_ settings: inout ServeSettings, given: Set<String>) throws(UsageError) {
        if settings.noCluster {
            if settings.kubeconfig != nil || settings.context != nil {
                throw UsageError(message: "--no-cluster and --kubeconfig or --context exclude each other")
            }
            if given.contains("roles"), settings.roles.contains(.reconciler) {
                throw UsageError(
                    message: "without a cluster there is nothing to reconcile", hint: "write --roles webhook")
            }
            if settings.roles.contains(.metrics) {
                throw UsageError(message: "without a cluster there are no figures", hint: "write --roles webhook")
            }
            settings.roles.remove(.reconciler)
        }
        if settings.removeByNodeLabel, settings.gateRuntimeScaleIn {
            throw UsageError(
                message: "--remove-by-node-label and --gate-runtime-scale-in exclude each other",
                hint: "the first is for Fluid 0.4 and older, the second for Fluid 0.5 and 0.6")
        }
        if settings.servesTLS {
            try checkCertificate(settings)
            guard !settings.listen.isEmpty else { throw UsageError(message: "--listen needs an address") }
        }
        if settings.roles.contains(.webhook) {
            if !settings.roles.contains(.reconciler), !settings.noCluster, settings.reconcilerUser == nil {
                throw UsageError(
                    message: "with --roles webhook the reconciler is somebody else, whose lowering has to be believed",
                    hint: "name it: --reconciler-user system:serviceaccount:NAMESPACE:NAME")
            }
        }
        for (index, address) in settings.listen.enumerated() where address.port != 0 {
            if settings.listen[..<index].contains(address) || settings.metrics == address {
                throw UsageError(message: "two listeners on \(address)")
            }
        }
        if !settings.clientNames.isEmpty, settings.clientCA == nil {
            throw UsageError(message: "--client-name needs --client-ca: names that nobody signed prove nothing")
        }
    }

    private static func checkCertificate(_ settings: ServeSettings) throws(UsageError) {
        let files = [settings.tlsCertificate, settings.tlsKey].compactMap(\.self)
        if settings.selfSigned != nil {
            guard files.isEmpty else {
                throw UsageError(message: "--self-signed and --tls-cert or --tls-key exclude each other")
            }
        } else if files.count != 2 {
            throw UsageError(
                message: files.isEmpty ? "no certificate to serve with" : "--tls-cert and --tls-key go together",
                hint: files.isEmpty ? "give --tls-cert FILE and --tls-key FILE, or --self-signed DIR to make one" : "")
        }
    }
}
