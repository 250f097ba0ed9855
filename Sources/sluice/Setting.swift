internal import Rules

/// Where a setting's value is.
typealias SettingPath<Value> = any WritableKeyPath<ServeSettings, Value> & Sendable

/// One setting of `sluice serve`: the same name as a flag, an environment variable and a key of the file.
struct Setting: Sendable {
    /// Under which heading the help shows it.
    enum Section: String, Sendable, CaseIterable {
        case serving = "Serving"
        case limits = "Limits"
        case cluster = "Cluster"
        case admission = "Admission"
        case drain = "Drain (what a runtime's own annotations do not say)"
        case figures = "Figures of caches (role metrics)"
        case log = "Log"
    }

    /// The name, such as `tls-cert`: `--tls-cert`, `SLUICE_TLS_CERT`, `tls-cert:`.
    let name: String
    let section: Section
    let argument: CommandOption.Argument
    let summary: String
    /// Whether the file may name a list, the environment separate by commas, and the flag be given again.
    var isList = false
    /// Takes over a value; for a list all the values that one source gives.
    let apply: @Sendable (inout ServeSettings, [String]) throws(SettingError) -> Void
    /// The value as one would write it; empty where there is none.
    let show: @Sendable (ServeSettings) -> String

    /// The settings that are not as they are by default, as `name=value`.
    static func changed(_ settings: ServeSettings) -> [String] {
        let defaults = ServeSettings()
        return all.filter { $0.show(settings) != $0.show(defaults) }.map { "\($0.name)=\($0.show(settings))" }
    }

    var environmentName: String {
        "SLUICE_" + name.uppercased().map { $0 == "-" ? "_" : String($0) }.joined()
    }
}

extension Setting {
    /// A setting with one value that is read and shown by two functions.
    static func value<Value: Sendable>(
        _ name: String, _ section: Section, _ placeholder: String,
        _ path: SettingPath<Value>,
        _ summary: String, read: @escaping @Sendable (String) throws(SettingError) -> Value,
        show: @escaping @Sendable (Value) -> String
    ) -> Setting {
        Setting(
            name: name, section: section, argument: .required(placeholder), summary: summary,
            apply: { (settings, values) throws(SettingError) in
                for text in values.suffix(1) { settings[keyPath: path] = try read(text) }
            }, show: { show($0[keyPath: path]) })
    }

    static func text(
        _ name: String, _ section: Section, _ placeholder: String,
        _ path: SettingPath<String?>,
        _ summary: String
    ) -> Setting {
        value(
            name, section, placeholder, path, summary,
            read: { (text) throws(SettingError) in
                guard !text.isEmpty else { throw SettingError(message: "it may not be empty") }
                return text
            }, show: { $0 ?? "" })
    }

    static func flag(
        _ name: String, _ section: Section, _ path: SettingPath<Bool>, _ summary: String
    ) -> Setting {
        Setting(
            name: name, section: section, argument: .flag, summary: summary,
            apply: { (settings, values) throws(SettingError) in
                for text in values.suffix(1) { settings[keyPath: path] = try SettingValue.bool(text) }
            }, show: { $0[keyPath: path] ? "true" : "false" })
    }

    static func count(
        _ name: String, _ section: Section, _ path: SettingPath<Int>,
        in range: ClosedRange<Int>, _ summary: String
    ) -> Setting {
        value(
            name, section, "N", path, summary,
            read: { (text) throws(SettingError) in try SettingValue.count(text, in: range) }, show: { "\($0)" })
    }

    static func duration(
        _ name: String, _ section: Section, _ path: SettingPath<Duration>,
        in range: ClosedRange<Duration>, _ summary: String
    ) -> Setting {
        value(
            name, section, "DURATION", path, summary,
            read: { (text) throws(SettingError) in try SettingValue.duration(text, in: range) }, show: SettingValue.show
        )
    }

    static func choice<Value: CaseIterable & RawRepresentable & Sendable>(
        _ name: String, _ section: Section, _ path: SettingPath<Value>, _ summary: String
    ) -> Setting where Value.RawValue == String {
        value(
            name, section, Value.allCases.map(\.rawValue).joined(separator: "|"), path, summary,
            read: { (text) throws(SettingError) in try SettingValue.choice(text, of: Value.self) },
            show: { $0.rawValue })
    }

    /// A default of the drain, read just as the annotation of the same name is.
    static func drain(
        _ name: String, _ placeholder: String, _ summary: String, show: @escaping @Sendable (DrainPolicy) -> String
    ) -> Setting {
        Setting(
            name: name, section: .drain, argument: .required(placeholder), summary: summary,
            apply: { (settings, values) throws(SettingError) in
                for text in values.suffix(1) {
                    switch DrainPolicy.read([Annotation.prefix + name: text], defaults: settings.drain) {
                    case .policy(let policy): settings.drain = policy
                    case .unreadable(let problems):
                        throw SettingError(
                            message: "'\(text)' can't be read; write \(problems.first?.allowed ?? "another value")")
                    }
                }
            }, show: { show($0.drain) })
    }
}
