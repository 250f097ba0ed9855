internal import Wire

/// Where a bearer token comes from.
public enum TokenSource: Sendable, Hashable {
    /// There is none.
    case none
    /// It stays the same.
    case fixed(String)
    /// It stands in a file that is rewritten before it expires, as a pod's service account token is.
    case file(String)
}

/// A bearer token that is read again now and then: the kubelet rewrites a pod's token at 80 % of its life.
public struct TokenCache: Sendable {
    /// For how long a token that was read is used: as long as client-go does.
    public static let refreshInterval: Duration = .seconds(60)

    private let source: TokenSource
    private var token: String?
    private var readAt: Duration?

    /// Makes a cache; nothing is read yet.
    public init(_ source: TokenSource) { self.source = source }

    /// The token for the header `Authorization: Bearer …`, read again if it is a minute old; nil if there is none.
    ///
    /// If the file can't be read now, the token that was read last is used on.
    public mutating func current(at now: Duration, read: FileReader) throws(ConfigurationError) -> String? {
        switch source {
        case .none: return nil
        case .fixed(let token): return token
        case .file(let path):
            if let token, let readAt, now - readAt < Self.refreshInterval { return token }
            do throws(ConfigurationError) {
                let text = String(decoding: try read.contents(of: path), as: UTF8.self).trimmed
                guard !text.isEmpty, text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
                    throw ConfigurationError("\(path): holds no token")
                }
                token = text
                readAt = now
                return text
            } catch {
                guard let token else { throw error }
                return token
            }
        }
    }

    /// Has the token read again at the next call, after the server answered 401.
    public mutating func expire() { readAt = nil }
}

/// What a token says of itself; nothing of it is checked, since the API server does that.
public enum TokenClaims {
    /// The subject of a JSON web token (RFC 7519, section 4.1.2): the user name of a service account's token.
    public static func subject(of token: String) -> String? {
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let bytes = Base64.decode(String(parts[1])) else { return nil }
        var parser = JSONParser(bytesMax: 64 << 10)
        // A token that is no JSON web token has no subject; that is no error.
        guard let claims = try? parser.parse(bytes) else { return nil }
        return claims["sub"]?.string
    }
}
