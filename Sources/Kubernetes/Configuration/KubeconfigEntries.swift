internal import Wire

/// What a kubeconfig's clusters and users may say: each field that kubectl honours is taken over, or refused by its name.
extension FileReader {
    func apply(
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
        let known = [
            "server", "tls-server-name", "insecure-skip-tls-verify", "certificate-authority",
            "certificate-authority-data", "proxy-url", "disable-compression", "extensions",
        ]
        result.warn(ofUnknown: cluster, known: known, "\(file): the cluster \"\(name)\"")
    }

    func apply(
        user: JSON, file: String, name: String, to result: inout ClusterConfiguration
    ) throws(ConfigurationError) {
        let instead = """
            give it a client certificate, a token or a tokenFile, such as a service account's \
            (kubectl create token NAME --duration 24h)
            """
        if user.has("exec") {
            let command = user["exec"]?["command"]?.string.map { "the command \($0)" } ?? "exec, without a command"
            throw ConfigurationError(
                "\(file): the user \"\(name)\" takes credentials from \(command), which Sluice does not run: \(instead)"
            )
        }
        if user.has("auth-provider") {
            let provider = user["auth-provider"]?["name"]?.string ?? "without a name"
            throw ConfigurationError(
                "\(file): the user \"\(name)\" takes credentials from the auth-provider \(provider): \(instead)")
        }
        for field in ["username", "password", "as", "as-uid", "as-groups", "as-user-extra"] where user.says(field) {
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
        let known = [
            "client-certificate", "client-certificate-data", "client-key", "client-key-data", "token", "tokenFile",
            "username", "password", "as", "as-uid", "as-groups", "as-user-extra", "exec", "auth-provider", "extensions",
        ]
        result.warn(ofUnknown: user, known: known, "\(file): the user \"\(name)\"")
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

extension JSON {
    /// Whether a field is there.
    fileprivate func has(_ field: String) -> Bool { !(self[field] ?? .null).isNull }

    /// Whether a field is there and says something: what is empty kubectl takes as absent.
    fileprivate func says(_ field: String) -> Bool {
        let empty: [JSON] = [.string(""), .array([]), .object([])]
        return has(field) && !empty.contains(self[field] ?? .null)
    }
}

extension ClusterConfiguration {
    fileprivate mutating func warn(ofUnknown entry: JSON, known: [String], _ whose: String) {
        for member in entry.members where !known.contains(member.name) {
            warnings.append("\(whose) has \(member.name), which nobody reads")
        }
    }

    /// What the address and the credentials mean together, where that is dangerous.
    mutating func checkTransport(file: String, cluster: String) {
        if server.usesTLS {
            guard !verifiesServer else { return }
            warnings.append(
                "\(file): the cluster \"\(cluster)\" has insecure-skip-tls-verify: whoever stands between may answer for "
                    + "the API server and take our credentials; give it a certificate-authority")
            return
        }
        if token != .none {
            warnings.append(
                "\(file): the cluster \"\(cluster)\" has an http:// server: the token crosses the network in plain text; use "
                    + "https://")
        }
        if clientCertificate != nil {
            warnings.append(
                "\(file): the cluster \"\(cluster)\" has an http:// server: the client certificate is not used")
        }
    }
}
