internal import Wire

/// What kubeconfig files say, merged by kubectl's rules: of entries with one name the first file's counts, as a whole.
///
/// client-go's ClientConfigLoadingRules: a file that is named must be there, those of the list `KUBECONFIG` may be missing;
/// relative paths start from the folder of the file that they stand in.
public struct Kubeconfig: Sendable {
    private var clusters: [String: Entry] = [:]
    private var users: [String: Entry] = [:]
    private var contexts: [String: Entry] = [:]
    private var currentContext: String?
    private let paths: [String]

    /// One named entry, and the file that it stands in.
    private struct Entry: Sendable {
        var value: JSON
        var file: String
    }

    /// Reads the file at `path`, or those of `KUBECONFIG`, or `~/.kube/config`.
    public static func load(
        path: String?, environment: [String: String], read: FileReader
    ) throws(ConfigurationError) -> Kubeconfig {
        var paths: [String]
        if let path {
            paths = [path]
        } else if let list = environment["KUBECONFIG"], !list.isEmpty {
            paths = list.split(separator: ":").map(String.init)
        } else {
            paths = [(environment["HOME"] ?? "") + "/.kube/config"]
        }
        var seen: Set<String> = []
        paths = paths.filter { seen.insert($0).inserted }
        var result = Kubeconfig(paths: paths)
        var found = false
        for file in paths {
            switch read(file) {
            case .bytes(let bytes):
                found = true
                try result.merge(bytes, file: file)
            case .failed(let problem): throw ConfigurationError("\(file): \(problem)")
            case .absent: continue
            }
        }
        guard found else {
            throw ConfigurationError(
                "there is no kubeconfig (\(paths.joined(separator: ", "))): name one by --kubeconfig or KUBECONFIG")
        }
        return result
    }

    private init(paths: [String]) { self.paths = paths }

    private mutating func merge(_ bytes: [UInt8], file: String) throws(ConfigurationError) {
        let documents: [YAMLNode]
        do {
            documents = try YAMLReader.documents(bytes)
        } catch {
            throw ConfigurationError("\(file): \(error)")
        }
        guard let root = documents.first?.json else { return }
        if currentContext == nil, let name = root["current-context"]?.string, !name.isEmpty { currentContext = name }
        for (list, part, place) in [
            ("clusters", "cluster", \Kubeconfig.clusters), ("users", "user", \.users),
            ("contexts", "context", \.contexts),
        ] {
            for entry in root[list]?.elements ?? [] {
                guard let name = entry["name"]?.string else {
                    throw ConfigurationError("\(file): an entry of \(list) has no name")
                }
                if self[keyPath: place][name] == nil {
                    self[keyPath: place][name] = Entry(value: entry[part] ?? [:], file: file)
                }
            }
        }
    }

    /// The configuration of this context, or of the current one.
    public func configuration(
        context name: String? = nil, read: FileReader
    ) throws(ConfigurationError) -> ClusterConfiguration {
        let files = paths.joined(separator: ", ")
        guard let name = name ?? currentContext else {
            throw ConfigurationError("\(files): current-context is not set: choose one by kubectl config use-context")
        }
        guard let context = contexts[name] else {
            throw ConfigurationError("\(files): there is no context \"\(name)\"")
        }
        let clusterName = context.value["cluster"]?.string ?? ""
        guard let cluster = clusters[clusterName] else {
            throw ConfigurationError(
                "\(files): the context \"\(name)\" names the cluster \"\(clusterName)\", which is missing")
        }
        let url = cluster.value["server"]?.string ?? ""
        guard let server = ServerAddress(url: url) else {
            throw ConfigurationError(
                "\(cluster.file): the server of the cluster \"\(clusterName)\" is no URL: \"\(url)\"")
        }
        var result = ClusterConfiguration(server: server, origin: "\(files), context \(name)")
        try read.apply(cluster: cluster.value, file: cluster.file, name: clusterName, to: &result)
        if let namespace = context.value["namespace"]?.string, !namespace.isEmpty { result.namespace = namespace }
        let userName = context.value["user"]?.string ?? ""
        if !userName.isEmpty {
            guard let user = users[userName] else {
                throw ConfigurationError(
                    "\(files): the context \"\(name)\" names the user \"\(userName)\", who is missing")
            }
            try read.apply(user: user.value, file: user.file, name: userName, to: &result)
        }
        return result
    }
}

extension FileReader {
    fileprivate func apply(
        cluster: JSON, file: String, name: String, to result: inout ClusterConfiguration
    ) throws(ConfigurationError) {
        if let proxy = cluster["proxy-url"]?.string, !proxy.isEmpty {
            throw ConfigurationError("\(file): the cluster \"\(name)\" has a proxy-url, which Sluice does not support")
        }
        result.certificateAuthority = try pem(cluster, "certificate-authority", file: file)
        result.verifiesServer = cluster["insecure-skip-tls-verify"]?.bool != true
        if !result.verifiesServer, result.certificateAuthority != nil {
            throw ConfigurationError(
                "\(file): the cluster \"\(name)\" has both insecure-skip-tls-verify and a certificate authority: leave one"
            )
        }
        if let serverName = cluster["tls-server-name"]?.string, !serverName.isEmpty { result.serverName = serverName }
    }

    fileprivate func apply(
        user: JSON, file: String, name: String, to result: inout ClusterConfiguration
    ) throws(ConfigurationError) {
        let instead = """
            give it a client certificate, a token or a tokenFile, such as a service account's \
            (kubectl create token NAME --duration 24h)
            """
        if let command = user["exec"]?["command"]?.string {
            throw ConfigurationError(
                "\(file): the user \"\(name)\" takes credentials from the command \(command), which Sluice does not run: \(instead)"
            )
        }
        if let provider = user["auth-provider"]?["name"]?.string {
            throw ConfigurationError(
                "\(file): the user \"\(name)\" takes credentials from the auth-provider \(provider): \(instead)")
        }
        for field in ["username", "as", "as-uid", "as-groups"] where !(user[field] ?? .null).isNull {
            throw ConfigurationError(
                "\(file): the user \"\(name)\" has \(field), which Sluice does not support: \(instead)")
        }
        result.clientCertificate = try pem(user, "client-certificate", file: file)
        result.clientKey = try pem(user, "client-key", file: file)
        guard (result.clientCertificate == nil) == (result.clientKey == nil) else {
            throw ConfigurationError(
                "\(file): the user \"\(name)\" has a client certificate without key, or a key without one")
        }
        if let path = user["tokenFile"]?.string, !path.isEmpty {
            result.token = .file(Self.resolve(path, besides: file))
        } else if let token = user["token"]?.string, !token.isEmpty {
            result.token = .fixed(token)
        }
    }

    /// What a field holds, in Base64 in `…-data`, which wins, or in a file.
    private func pem(_ entry: JSON, _ field: String, file: String) throws(ConfigurationError) -> [UInt8]? {
        if let data = entry[field + "-data"]?.string, !data.isEmpty {
            guard let bytes = Base64.decode(data) else {
                throw ConfigurationError("\(file): \(field)-data is not Base64")
            }
            return bytes
        }
        guard let path = entry[field]?.string, !path.isEmpty else { return nil }
        return try contents(of: Self.resolve(path, besides: file))
    }

    private static func resolve(_ path: String, besides file: String) -> String {
        guard !path.hasPrefix("/"), let slash = file.lastIndex(of: "/") else { return path }
        return String(file[...slash]) + path
    }
}
