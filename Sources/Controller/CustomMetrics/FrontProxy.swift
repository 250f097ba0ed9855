internal import Kubernetes
internal import Wire

/// Who asks, as the API server that passes a request on has found out.
struct RequestUser: Sendable, Hashable {
    var name: String
    var uid = ""
    var groups: [String] = []
    var extra: [String: [String]] = [:]

    /// The group that may do everything, which nobody is asked about.
    static let masters = "system:masters"
    /// The groups of everybody who is known, and of everybody else: each user is in one of them.
    static let authenticated = "system:authenticated", unauthenticated = "system:unauthenticated"
    static let anonymous = "system:anonymous"
    /// The most groups, and the most other things said of a user, that are passed on.
    static let valuesMax = 512
}

/// Which certificate the API server shows when it passes requests on, and in which headers it says whose they are.
///
/// From the ConfigMap `extension-apiserver-authentication` of `kube-system`, as Kubernetes documents for API servers that
/// extend it.
struct FrontProxy: Sendable {
    private let authorities: TLSAuthorities
    /// The common names that its certificate may have; empty for any.
    private let allowedNames: [String]
    private let userHeaders: [String]
    private let uidHeaders: [String]
    private let groupHeaders: [String]
    private let extraPrefixes: [String]

    /// Where it stands.
    static let request = APIRequest.get(
        Resource(group: "", version: "v1", plural: "configmaps"), namespace: "kube-system",
        name: "extension-apiserver-authentication")

    /// Reads the ConfigMap; throws what is missing.
    init(_ map: JSONValue) throws(ObjectError) {
        guard let data = map["data"], let pem = data["requestheader-client-ca-file"]?.string, !pem.isEmpty else {
            throw ObjectError(
                path: "data[requestheader-client-ca-file]",
                problem:
                    "is missing: kube-apiserver runs without --requestheader-client-ca-file, so nothing is passed on")
        }
        do throws(TLSError) {
            authorities = try TLSAuthorities(pem: Array(pem.utf8))
        } catch {
            throw ObjectError(path: "data[requestheader-client-ca-file]", problem: "can't be used: \(error)")
        }
        allowedNames = try Self.list(data["requestheader-allowed-names"])
        userHeaders = try Self.list(data["requestheader-username-headers"]).map { $0.lowercased() }
        uidHeaders = try Self.list(data["requestheader-uid-headers"]).map { $0.lowercased() }
        groupHeaders = try Self.list(data["requestheader-group-headers"]).map { $0.lowercased() }
        extraPrefixes = try Self.list(data["requestheader-extra-headers-prefix"]).map { $0.lowercased() }
        guard !userHeaders.isEmpty else {
            throw ObjectError(path: "data[requestheader-username-headers]", problem: "names no header")
        }
    }

    private static func list(_ value: JSONValue?) throws(ObjectError) -> [String] {
        guard let text = value?.string, !text.isEmpty else { return [] }
        var parser = JSONParser(bytesMax: 64 << 10, depthMax: 4)
        // What can't be read is told as that, whatever the reason.
        guard let list = try? parser.parse(Array(text.utf8)), list.kind == .array || list.isNull else {
            throw ObjectError(path: "data", problem: "has a list that can't be read")
        }
        return list.elements.compactMap(\.string)
    }

    /// Who asks; nil if nobody whom we believe says so.
    ///
    /// - Parameters:
    ///   - chain: the client's certificates in DER, its own first, of which it was proven that it has the key.
    ///   - headers: the request's headers, their names in lower case. They count only with a certificate of the API server.
    func user(chain: [[UInt8]], headers: [HTTPField]) -> RequestUser? {
        guard let certificate = authorities.verifiedClient(chain) else { return nil }
        if !allowedNames.isEmpty {
            guard let name = certificate.commonName, allowedNames.contains(name) else { return nil }
        }
        func values(_ names: [String]) -> [String] {
            names.lazy.map { name in headers.filter { $0.name == name && !$0.value.isEmpty }.map(\.value) }
                .first { !$0.isEmpty } ?? []
        }
        guard let name = values(userHeaders).first else { return nil }
        var user = RequestUser(name: name, uid: values(uidHeaders).first ?? "")
        user.groups = Array(values(groupHeaders).prefix(RequestUser.valuesMax))
        // Discovery by the API server itself comes without any group (seen on 1.36), and is let by this one.
        let isPlaced = user.groups.contains { [RequestUser.authenticated, RequestUser.unauthenticated].contains($0) }
        if !isPlaced, name != RequestUser.anonymous { user.groups.append(RequestUser.authenticated) }
        var count = 0
        for field in headers {
            guard let prefix = extraPrefixes.first(where: { field.name.hasPrefix($0) }), count < RequestUser.valuesMax,
                let key = PercentDecoding.text(field.name.dropFirst(prefix.count))
            else { continue }
            user.extra[key, default: []].append(field.value)
            count += 1
        }
        return user
    }
}
