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
