/// A request to an API server, as a value: nothing here sends it.
public struct APIRequest: Sendable, Hashable {
    /// The HTTP methods that the API knows.
    public enum Method: String, Sendable, Hashable {
        /// Reads, lists and watches.
        case get = "GET"
        /// Creates.
        case post = "POST"
        /// Replaces.
        case put = "PUT"
        /// Changes in part.
        case patch = "PATCH"
        /// Deletes.
        case delete = "DELETE"
    }

    /// One parameter of the query, not yet encoded.
    public struct QueryItem: Sendable, Hashable {
        /// The name.
        public var name: String
        /// The value.
        public var value: String

        /// Makes a parameter.
        public init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    /// The HTTP method.
    public var method: Method
    /// The path, percent-encoded, below the server's own base path.
    public var path: String
    /// The query's parameters in their order, not yet encoded.
    public var query: [QueryItem]
    /// The media type of the body; nil if there is none.
    public var contentType: String?
    /// The body.
    public var body: [UInt8]
    /// How long the whole answer may take.
    public var timeout: Duration
    /// The most bytes that the answer's body may have.
    public var responseBytesMax: Int

    /// How long an answer may take, if nothing else is said.
    public static let defaultTimeout: Duration = .seconds(10)
    /// How long a page of a list may take.
    public static let listTimeout: Duration = .seconds(30)
    /// The most bytes of an answer, if nothing else is said: more than etcd stores of one object.
    public static let defaultResponseBytesMax = 4 << 20
    /// The most bytes of a whole list, of which the caller knows that it is short.
    public static let listResponseBytesMax = 32 << 20
    /// The most bytes of one page of a list; a page that has more is asked for with fewer objects.
    public static let pageResponseBytesMax = 4 << 20

    /// Makes a request.
    public init(
        _ method: Method, path: String, query: [QueryItem] = [], contentType: String? = nil, body: [UInt8] = [],
        timeout: Duration = defaultTimeout, responseBytesMax: Int = defaultResponseBytesMax
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.contentType = contentType
        self.body = body
        self.timeout = timeout
        self.responseBytesMax = responseBytesMax
    }

    /// Path and query as they stand in the request line.
    public var target: String {
        guard !query.isEmpty else { return path }
        let items = query.map { PercentEncoding.component($0.name) + "=" + PercentEncoding.component($0.value) }
        return path + "?" + items.joined(separator: "&")
    }

    /// Whether sending it twice does no more than sending it once.
    public var isIdempotent: Bool { method == .get }

    /// What is wrong with a path; nil if each of its parts names one thing.
    ///
    /// `.` and `..` can't be escaped (RFC 3986, section 5.2.4: `%2E` is the same), and whoever handles the request on its way
    /// would take them for steps to another object. With an empty part it is a list that is meant.
    public static func problem(inPath path: String) -> String? {
        var parts = path.split(separator: "/", omittingEmptySubsequences: false)[...]
        guard parts.popFirst()?.isEmpty == true else { return "the path does not begin with /" }
        return parts.contains { $0.isEmpty || $0 == "." || $0 == ".." }
            ? "the path has an empty part, . or .., which is no name" : nil
    }

    /// The path of a resource, of one object, or of an object's subresource; every part is encoded.
    public static func path(
        _ resource: Resource, namespace: String? = nil, name: String? = nil, subresource: String? = nil
    ) -> String {
        var path = resource.group.isEmpty ? "/api/" : "/apis/\(PercentEncoding.component(resource.group))/"
        path += PercentEncoding.component(resource.version)
        if let namespace { path += "/namespaces/" + PercentEncoding.component(namespace) }
        path += "/" + PercentEncoding.component(resource.plural)
        if let name { path += "/" + PercentEncoding.component(name) }
        if let subresource { path += "/" + PercentEncoding.component(subresource) }
        return path
    }
}

/// Percent-encoding of URLs (RFC 3986, section 2.1).
public enum PercentEncoding {
    /// Encodes everything but letters, digits and `-._~`, so that the text is one part of a path or query.
    public static func component(_ text: String) -> String { encode(text, keeping: []) }

    /// Encodes a path: as `component`, but `/` stays.
    public static func path(_ text: String) -> String { encode(text, keeping: [UInt8(ascii: "/")]) }

    private static func encode(_ text: String, keeping extra: [UInt8]) -> String {
        var output: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                output.append(byte)
            default:
                if extra.contains(byte) {
                    output.append(byte)
                } else {
                    output.append(contentsOf: [UInt8(ascii: "%"), digit(byte >> 4), digit(byte & 15)])
                }
            }
        }
        return String(decoding: output, as: UTF8.self)
    }

    private static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "A") + (value - 10)
    }
}
