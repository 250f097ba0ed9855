/// One header field of an HTTP message.
public struct HTTPField: Sendable, Hashable {
    /// The field's name in lower case, as HTTP/2 sends it (RFC 9113, section 8.2.1).
    public var name: String
    /// The field's value without leading or trailing white space.
    public var value: String

    /// Makes a field; `name` must be in lower case already.
    public init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}

/// A whole HTTP request, the same for HTTP/1.1 and HTTP/2.
public struct HTTPRequest: Sendable {
    /// The method, such as `POST`.
    public var method: String
    /// Path and query as on the wire, such as `/mutate?timeout=3s`.
    public var target: String
    /// The header fields in their order; none of HTTP/2's pseudo fields.
    public var headers: [HTTPField]
    /// The body, decoded from its transfer coding.
    public var body: [UInt8]

    /// Makes a request.
    public init(method: String, target: String, headers: [HTTPField] = [], body: [UInt8] = []) {
        self.method = method
        self.target = target
        self.headers = headers
        self.body = body
    }
}

/// A whole HTTP response, the same for HTTP/1.1 and HTTP/2.
public struct HTTPResponse: Sendable {
    /// The status code, 100 to 599.
    public var status: Int
    /// The header fields in their order, without `content-length`, which the writer adds.
    public var headers: [HTTPField]
    /// The body.
    public var body: [UInt8]

    /// Makes a response.
    public init(status: Int, headers: [HTTPField] = [], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }
}
