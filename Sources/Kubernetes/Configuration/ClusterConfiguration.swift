/// How to reach an API server and who we are there.
public struct ClusterConfiguration: Sendable, Hashable {
    /// Where the API server listens.
    public var server: ServerAddress
    /// The certificates that sign the server's, as PEM; nil for the system's own.
    public var certificateAuthority: [UInt8]?
    /// Our certificate, as PEM, with its chain; nil if we have none.
    public var clientCertificate: [UInt8]?
    /// The key of our certificate, as PEM.
    public var clientKey: [UInt8]?
    /// Where our bearer token comes from.
    public var token: TokenSource
    /// Whether the server's certificate is checked; only `insecure-skip-tls-verify` says no.
    public var verifiesServer: Bool
    /// The name that the server's certificate has to bear, if it is not the address's host.
    public var serverName: String?
    /// The namespace of the context, or the one that we run in; nil if none is named.
    public var namespace: String?
    /// Where all this was read, for people.
    public var origin: String
    /// What should be known of it at start, for people; a line each.
    public var warnings: [String] = []

    /// Makes a configuration.
    public init(
        server: ServerAddress, certificateAuthority: [UInt8]? = nil, clientCertificate: [UInt8]? = nil,
        clientKey: [UInt8]? = nil, token: TokenSource = .none, verifiesServer: Bool = true, serverName: String? = nil,
        namespace: String? = nil, origin: String = ""
    ) {
        self.server = server
        self.certificateAuthority = certificateAuthority
        self.clientCertificate = clientCertificate
        self.clientKey = clientKey
        self.token = token
        self.verifiesServer = verifiesServer
        self.serverName = serverName
        self.namespace = namespace
        self.origin = origin
    }

    /// Finds the configuration as controllers do: the given file, `KUBECONFIG`, the pod that we run in, `~/.kube/config`.
    public static func find(
        kubeconfig: String? = nil, context: String? = nil, environment: [String: String], read: FileReader
    ) throws(ConfigurationError) -> ClusterConfiguration {
        let list = environment["KUBECONFIG"].flatMap { $0.isEmpty ? nil : $0 }
        if kubeconfig != nil || list != nil {
            return try Kubeconfig.load(path: kubeconfig, environment: environment, read: read)
                .configuration(context: context, read: read)
        }
        if let inCluster = try inCluster(environment: environment, read: read) { return inCluster }
        return try Kubeconfig.load(path: nil, environment: environment, read: read)
            .configuration(context: context, read: read)
    }

    /// The folder that a pod finds its service account in.
    public static let serviceAccountFolder = "/var/run/secrets/kubernetes.io/serviceaccount"

    /// The configuration of the pod that we run in; nil if we run in none.
    public static func inCluster(
        environment: [String: String], read: FileReader
    ) throws(ConfigurationError) -> ClusterConfiguration? {
        guard let host = environment["KUBERNETES_SERVICE_HOST"], !host.isEmpty else { return nil }
        let tokenPath = serviceAccountFolder + "/token"
        guard case .bytes = read(tokenPath) else {
            throw ConfigurationError(
                "this pod has no service account token (\(tokenPath)): set automountServiceAccountToken")
        }
        guard let port = UInt16(environment["KUBERNETES_SERVICE_PORT"] ?? "443") else {
            throw ConfigurationError("KUBERNETES_SERVICE_PORT is not a port")
        }
        var namespace: String?
        if case .bytes(let bytes) = read(serviceAccountFolder + "/namespace") {
            namespace = String(decoding: bytes, as: UTF8.self).trimmed
        }
        return ClusterConfiguration(
            server: ServerAddress(host: host, port: port),
            certificateAuthority: try read.contents(of: serviceAccountFolder + "/ca.crt"),
            token: .file(tokenPath), namespace: namespace, origin: "the service account of this pod")
    }
}

/// Where an API server listens.
public struct ServerAddress: Sendable, Hashable, CustomStringConvertible {
    /// A name or an address, IPv6 without brackets.
    public var host: String
    /// The port.
    public var port: UInt16
    /// What stands before every path, without a slash at its end; mostly empty.
    public var basePath: String
    /// Whether TLS is spoken.
    public var usesTLS: Bool

    /// Makes an address.
    public init(host: String, port: UInt16, basePath: String = "", usesTLS: Bool = true) {
        self.host = host
        self.port = port
        self.basePath = basePath
        self.usesTLS = usesTLS
    }

    /// Reads a URL such as `https://[::1]:6443/prefix`; nil if it is none of `https` and `http`.
    public init?(url: String) {
        var rest = url[...]
        if let scheme = ["https://", "http://"].first(where: { rest.lowercased().hasPrefix($0) }) {
            rest = rest.dropFirst(scheme.count)
            usesTLS = scheme == "https://"
        } else {
            guard !rest.contains("://") else { return nil }
            usesTLS = true
        }
        let path = rest.firstIndex(of: "/").map { rest[$0...] } ?? ""
        var authority = rest.dropLast(path.count)
        guard !path.contains(where: { $0 == "?" || $0 == "#" }), !authority.contains("@") else { return nil }
        basePath = String(path).trimmed(endingWith: "/")
        port = usesTLS ? 443 : 80
        if authority.first == "[" {
            guard let bracket = authority.firstIndex(of: "]") else { return nil }
            host = String(authority[authority.index(after: authority.startIndex)..<bracket])
            authority = authority[authority.index(after: bracket)...]
        } else {
            host = String(authority.prefix { $0 != ":" })
            authority = authority.dropFirst(host.count)
        }
        if !authority.isEmpty {
            guard authority.first == ":", let number = UInt16(authority.dropFirst()) else { return nil }
            port = number
        }
        guard !host.isEmpty, host.allSatisfy({ ($0.isASCII && ($0.isLetter || $0.isNumber)) || ".-_:%".contains($0) })
        else { return nil }
    }

    /// The value of the header `Host`.
    public var authority: String { (host.contains(":") ? "[\(host)]" : host) + ":\(port)" }

    /// The address as a URL.
    public var description: String { (usesTLS ? "https://" : "http://") + authority + basePath }
}

/// What came of reading a file.
public enum FileContents: Sendable {
    /// Its bytes.
    case bytes([UInt8])
    /// There is no such file.
    case absent
    /// It can't be read, and why.
    case failed(String)
}

/// Reads whole files: this module does no I/O, so the caller says how.
public struct FileReader: Sendable {
    private let body: @Sendable (String) -> FileContents

    /// Makes a reader of a function from a path to what the file holds.
    public init(_ body: @escaping @Sendable (String) -> FileContents) { self.body = body }

    /// What the file at this path holds.
    public func callAsFunction(_ path: String) -> FileContents { body(path) }

    func contents(of path: String) throws(ConfigurationError) -> [UInt8] {
        switch self(path) {
        case .bytes(let bytes): return bytes
        case .absent: throw ConfigurationError("\(path): there is no such file")
        case .failed(let problem): throw ConfigurationError("\(path): \(problem)")
        }
    }
}

/// Why there is no usable configuration, and what to do.
public struct ConfigurationError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The text for people.
    public var description: String

    /// Makes an error.
    public init(_ description: String) { self.description = description }
}

extension String {
    /// The text without blanks and line ends around it.
    var trimmed: String {
        let isBlank: (Character) -> Bool = { $0 == " " || $0 == "\n" || $0 == "\r\n" || $0 == "\t" || $0 == "\r" }
        var rest = self[...].drop(while: isBlank)
        while let last = rest.last, isBlank(last) { rest = rest.dropLast() }
        return String(rest)
    }

    /// The text without this character at its end.
    func trimmed(endingWith character: Character) -> String {
        var rest = self[...]
        while rest.last == character { rest = rest.dropLast() }
        return String(rest)
    }
}
