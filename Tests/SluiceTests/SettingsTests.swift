import Controller
import Rules
import Testing

@testable import sluice

@Suite struct `Settings` {
    func load(
        _ words: [String] = [], environment: [String: String] = [:], file: String? = nil
    ) throws -> ServeSettings {
        let loader = SettingsLoader(
            environment: { environment[$0] }, environmentNames: Array(environment.keys),
            readFile: { (path) throws(UsageError) in
                guard let file, path == "sluice.yaml" else { throw UsageError(message: "\(path): no such file") }
                return Array(file.utf8)
            })
        let words = (file == nil ? [] : ["--config", "sluice.yaml"]) + words
        return try loader.load(Arguments.parse(words, command: "sluice serve", options: SettingsLoader.options))
    }

    /// What makes a set of settings whole: a certificate.
    let certificate = ["--self-signed", "/tmp/x"]

    @Test func `come from flags over the environment over the file over defaults`() throws {
        let file = "threads: 2\nmissing-target: deny\nlog-level: debug\n"
        let environment = ["SLUICE_THREADS": "3", "SLUICE_LOG_LEVEL": "error"]
        let settings = try load(certificate + ["--log-level", "warning"], environment: environment, file: file)
        #expect(settings.threads == 3)
        #expect(settings.missingTarget == .deny)
        #expect(settings.logLevel == .warning)
        #expect(settings.defaultMaxReplicas == 10)
    }

    @Test func `say whether the scale-in gate believes whoever reaches the port`() throws {
        let gated = certificate + ["--gate-runtime-scale-in"]
        #expect(try load(gated).gateTrustsNetwork)
        #expect(try !load(gated + ["--client-ca", "ca.crt"]).gateTrustsNetwork)
        #expect(try !load(gated + ["--no-cluster"]).gateTrustsNetwork)
        #expect(try !load(certificate).gateTrustsNetwork)
    }

    @Test func `take lists from each source, and a later source replaces them`() throws {
        let file = "listen: [\"127.0.0.1:1\", \"[::1]:2\"]\nclient-ca: ca.crt\nclient-name:\n- a\n- b\n"
        #expect(try load(certificate, file: file).listen.map(\.description) == ["127.0.0.1:1", "[::1]:2"])
        #expect(try load(certificate, file: file).clientNames == ["a", "b"])
        let again = try load(certificate + ["--listen", ":3", "--listen", ":4"], file: file)
        #expect(again.listen.map(\.port) == [3, 4])
        #expect(
            try load(certificate, environment: ["SLUICE_CLIENT_NAME": "c,d"], file: file).clientNames == ["c", "d"])
    }

    @Test func `can be named by the environment's own file`() throws {
        let settings = try load(certificate + ["--config", "sluice.yaml"], file: "threads: 5\n")
        #expect(settings.threads == 5)
        #expect(throws: UsageError(message: "other.yaml: no such file")) {
            try load(certificate, environment: ["SLUICE_CONFIG": "other.yaml"])
        }
    }

    @Test(arguments: [
        ("threads: 2\nthraeds: 3\n", "sluice.yaml:2: there is no setting thraeds", "do you mean threads?"),
        ("\n\nthreads: many\n", "sluice.yaml:3: threads: 'many' is no number from 1 to 64", ""),
        ("threads: [1, 2]\n", "sluice.yaml:1: threads takes one value", ""),
        ("threads:\n", "sluice.yaml:1: threads needs a value, or a list of values", ""),
        ("drain: {a: b}\n", "sluice.yaml:1: drain needs a value, or a list of values", ""),
        ("- threads\n", "sluice.yaml:1: settings are written as NAME: VALUE", ""),
        ("threads: 1\n---\nthreads: 2\n", "sluice.yaml:3: one document is enough", ""),
    ])
    func `of a file are refused by line`(file: String, message: String, hint: String) {
        #expect(throws: UsageError(message: message, hint: hint)) { try load(certificate, file: file) }
    }

    @Test func `may have an empty file`() throws {
        #expect(try load(certificate, file: "# nothing\n").threads == 1)
    }

    @Test(arguments: [
        (["--threads", "0"], "--threads: '0' is no number from 1 to 64"),
        (["--listen", "9443"], "--listen: '9443' is no address; write HOST:PORT, [IPV6]:PORT or :PORT"),
        (["--drain", "free"], "--drain: 'free' can't be read; write Free, Decommission, Auto or None"),
        (["--tls-min-version", "1.1"], "--tls-min-version: '1.1' is neither 1.2 nor 1.3"),
        (["--missing-target", "den"], "--missing-target: 'den' is none of warn, deny; do you mean deny?"),
        (["--shutdown-linger", "5"], "--shutdown-linger: '5' is no duration; write it as 500ms, 10s, 5m or 1h30m"),
        (["--shutdown-linger", "1h"], "--shutdown-linger: '1h' is not between 0s and 5m"),
        (["--roles", "webhook,cook"], "--roles: 'cook' is none of webhook, reconciler, metrics"),
        (["--lease-name", "a b"], "--lease-name: 'a b' is no name of an object: a-z, 0-9, - and . only"),
        (["--no-cluster=maybe"], "--no-cluster: 'maybe' is neither true nor false"),
        (["--client-name", "x"], "--client-name needs --client-ca: names that nobody signed prove nothing"),
        (["--tls-cert", "x"], "--self-signed and --tls-cert or --tls-key exclude each other"),
        (["--no-cluster", "--kubeconfig", "x"], "--no-cluster and --kubeconfig or --context exclude each other"),
        (["--no-cluster", "--roles", "reconciler"], "without a cluster there is nothing to reconcile"),
        (
            ["--remove-by-node-label", "--gate-runtime-scale-in"],
            "--remove-by-node-label and --gate-runtime-scale-in exclude each other"
        ),
        (["--listen", ":1", "--listen", ":1"], "two listeners on :1"),
        (["--listen", ":1", "--metrics", ":1"], "two listeners on :1"),
    ])
    func `that can't be are refused`(words: [String], message: String) {
        let error = #expect(throws: UsageError.self) { try load(certificate + words) }
        #expect(error?.message == message)
    }

    @Test func `that are meant for the environment and misspelt are refused, what Kubernetes puts there is not`() throws
    {
        let error = #expect(throws: UsageError.self) {
            try load(certificate, environment: ["SLUICE_MAX_DRAIN": "8"])
        }
        #expect(error?.message == "SLUICE_MAX_DRAIN is no setting" && error?.hint == "do you mean SLUICE_MAX_DRAINS?")
        let services = ["SLUICE_PORT", "SLUICE_PORT_443_TCP", "SLUICE_METRICS_SERVICE_HOST", "SLUICE_SOMETHING_ELSE"]
        #expect(
            try load(certificate, environment: Dictionary(uniqueKeysWithValues: services.map { ($0, "x") }))
                .maximumDrains
                == ServeSettings().maximumDrains)
    }

    @Test func `are told at the start where they are not the default`() throws {
        let settings = try load(certificate + ["--max-drains", "8", "--on-deadline", "Auto"])
        let changed = Setting.changed(settings)
        #expect(changed.contains("max-drains=8") && changed.contains("on-deadline=Auto"))
        #expect(!changed.contains { $0.hasPrefix("drain=") })
    }

    @Test func `need a certificate where admissions are answered`() throws {
        #expect(throws: UsageError.self) { try load() }
        #expect(throws: UsageError.self) { try load(["--tls-cert", "x"]) }
        #expect(try load(["--tls-cert", "x", "--tls-key", "y"]).tlsKey == "y")
        #expect(try load(["--roles", "reconciler"]).roles == [.reconciler])
    }

    @Test func `need the reconciler's name where it is somebody else`() throws {
        #expect(throws: UsageError.self) { try load(certificate + ["--roles", "webhook"]) }
        let settings = try load(certificate + ["--roles", "webhook", "--reconciler-user", "u"])
        #expect(settings.admissionPolicy(ownUser: "me").reconcilerUser == "u")
        #expect(try load(certificate).admissionPolicy(ownUser: "me").reconcilerUser == "me")
        #expect(try load(certificate + ["--no-cluster"]).roles == [.webhook])
    }

    @Test func `read the drain as its annotations are read`() throws {
        let settings = try load(certificate + ["--drain", "Auto", "--drain-paths", "/a,/b", "--cooldown", "0s"])
        #expect(settings.drain.mode == .auto)
        #expect(settings.drain.paths == ["/a", "/b"])
        #expect(settings.drain.cooldownMilliseconds == 0)
        #expect(settings.drain.scope == DrainPolicy().scope)
    }

    @Test func `show what they read`() throws {
        for setting in Setting.all {
            let shown = setting.show(ServeSettings())
            guard !shown.isEmpty else { continue }
            var settings = ServeSettings()
            try setting.apply(&settings, setting.isList ? shown.split(separator: ",").map(String.init) : [shown])
            #expect(setting.show(settings) == shown, "\(setting.name)")
        }
    }

    @Test func `have names that the environment can have`() {
        for setting in Setting.all {
            #expect(setting.environmentName.unicodeScalars.allSatisfy { ("A"..."Z").contains($0) || $0 == "_" })
        }
        #expect(Setting.all.first { $0.name == "tls-cert" }?.environmentName == "SLUICE_TLS_CERT")
    }

    @Test(arguments: [
        ("127.0.0.1:9443", "127.0.0.1", 9443), (":80", "", 80), ("[::1]:1", "::1", 1), ("localhost:0", "localhost", 0),
    ])
    func `read addresses`(text: String, host: String, port: Int) throws {
        let address = try ListenAddress(text)
        #expect(address.host == host)
        #expect(Int(address.port) == port)
        #expect(address.description == text)
    }

    @Test(arguments: ["", ":", "a", "a:", "a:65536", "a:-1", "::1:80", "[a]:80", "a b:80", "a:8 0", "a:٣"])
    func `refuse what is no address`(text: String) {
        #expect(throws: SettingError.self) { try ListenAddress(text) }
    }
}
