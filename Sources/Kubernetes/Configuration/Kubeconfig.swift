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
            let names = paths.joined(separator: ", ")
            if path == nil, environment["KUBECONFIG"]?.isEmpty == false {
                throw ConfigurationError("KUBECONFIG names no file that is there (\(names))")
            }
            throw ConfigurationError(
                "there is no kubeconfig (\(names))" + (path == nil ? ", and KUBECONFIG names none" : ""))
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
        result.checkTransport(file: cluster.file, cluster: clusterName)
        return result
    }
}
