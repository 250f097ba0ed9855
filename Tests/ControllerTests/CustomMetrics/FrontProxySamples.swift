import Wire

@testable import Controller

/// An API server that passes requests on: its authority, its certificate, and what the cluster says of both.
struct FrontProxySamples {
    let authority: IssuedCertificate
    let chain: [[UInt8]]
    private static let day: Int64 = 86_400

    init(commonName: String = "front-proxy-client", usage: CertificateIssuer.Usage = .client, now: Int64) throws {
        let issuer = try CertificateIssuer(
            commonName: "front-proxy-ca", notBefore: now - Self.day, notAfter: now + Self.day)
        authority = issuer.authority
        let leaf = try issuer.issue(
            commonName: commonName, names: usage == .server ? ["localhost"] : [], usage: usage, notBefore: now - 60,
            notAfter: now + Self.day)
        chain = [try TLSCertificate(pem: leaf.certificatePEM).der]
    }

    /// The ConfigMap `extension-apiserver-authentication`.
    func configMap(allowedNames: String = #"["front-proxy-client"]"#) -> String {
        let pem = String(decoding: authority.certificatePEM, as: UTF8.self)
        let map: JSON = [
            "data": [
                "requestheader-client-ca-file": .string(pem), "requestheader-allowed-names": .string(allowedNames),
                "requestheader-username-headers": #"["X-Remote-User"]"#,
                "requestheader-uid-headers": #"["X-Remote-Uid"]"#,
                "requestheader-group-headers": #"["X-Remote-Group"]"#,
                "requestheader-extra-headers-prefix": #"["X-Remote-Extra-"]"#,
            ]
        ]
        return String(decoding: map.encoded(), as: UTF8.self)
    }

    func proxy(allowedNames: String = #"["front-proxy-client"]"#) throws -> FrontProxy {
        var parser = JSONParser()
        return try FrontProxy(try parser.parse(Array(configMap(allowedNames: allowedNames).utf8)))
    }

    static func headers(_ user: String, _ groups: String...) -> [HTTPField] {
        [HTTPField("x-remote-user", user)] + groups.map { HTTPField("x-remote-group", $0) }
    }
}
