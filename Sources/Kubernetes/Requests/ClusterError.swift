public import Wire

/// Why a request was not answered as wished.
public enum ClusterError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The connection could not be made or broke; whether the request was carried out is unknown.
    case transport(String)
    /// The API server refused.
    case status(APIStatus)
    /// No answer within the request's time; whether it was carried out is unknown.
    case timeout
    /// The answer had more bytes than the request allows.
    case tooLarge(bytesMax: Int)
    /// An answer came that can't be read.
    case unreadable(String)
    /// Our own task was cancelled.
    case cancelled

    /// What happened, for people.
    public var description: String {
        switch self {
        case .transport(let message): message
        case .status(let status): status.description
        case .timeout: "no answer in time"
        case .tooLarge(let bytesMax): "the answer is longer than \(bytesMax) bytes"
        case .unreadable(let message): "the answer is not readable: \(message)"
        case .cancelled: "cancelled"
        }
    }

    /// The API server's refusal, if it is one.
    public var status: APIStatus? { if case .status(let status) = self { status } else { nil } }

    /// Whether the object or the kind of object is not there (404).
    public var isNotFound: Bool { status?.code == 404 }
    /// Whether the object changed in between, or is there already (409).
    public var isConflict: Bool { status?.code == 409 }
    /// Whether a resource version or a page of a list is too old (410).
    public var isGone: Bool { status?.isGone ?? false }
    /// Whether we may not: 401, and a 403 that tells of a missing right.
    ///
    /// A webhook or a quota that refuses answers 403 too, and no right helps against that; who may do what is told in the
    /// same words by every authorizer (`forbiddenMessage` in `apiserver/pkg/endpoints/handlers/responsewriters/errors.go`).
    public var isForbidden: Bool {
        guard let status, status.code == 403 else { return status?.code == 401 }
        return status.message.isEmpty || status.message.contains("forbidden: User \"")
    }
    /// Whether the same request may succeed later: 429, 5xx, a lost connection, no answer.
    public var isTransient: Bool {
        switch self {
        case .transport, .timeout: true
        case .status(let status): status.code == 429 || (500...599).contains(status.code)
        case .tooLarge, .unreadable, .cancelled: false
        }
    }
}

/// A refusal by the API server: a Kubernetes `Status`, or the little that an HTTP status says.
public struct APIStatus: Sendable, Hashable, CustomStringConvertible {
    /// The HTTP status code.
    public var code: Int
    /// The reason in one word, such as `NotFound`; empty if there is none.
    public var reason: String
    /// The message for people; empty if there is none.
    public var message: String
    /// How long to wait before the next try, if the server said so; at most a minute.
    public var retryAfter: Duration?

    /// Makes a refusal.
    public init(code: Int, reason: String = "", message: String = "", retryAfter: Duration? = nil) {
        self.code = code
        self.reason = reason
        self.message = message
        self.retryAfter = retryAfter
    }

    /// Reads a `Status` object; what is missing or of another type counts as absent.
    public init(_ value: JSONValue, code: Int? = nil) {
        self.code = value["code"]?.int64.flatMap { Int(exactly: $0) } ?? code ?? 0
        reason = value["reason"]?.string ?? ""
        message = value["message"]?.string ?? ""
        retryAfter = value["details"]?["retryAfterSeconds"]?.int64.flatMap(Self.delay)
    }

    /// Makes the refusal of an HTTP answer whose status is not 2xx, whatever its body is.
    public init(_ response: APIResponse) {
        var parser = JSONParser()
        // A body that is no Status, such as a proxy's own page, still leaves the HTTP status.
        if let value = try? parser.parse(response.body), value["kind"]?.isString("Status") == true {
            self.init(value, code: response.status)
            code = response.status
        } else {
            self.init(code: response.status, message: Self.excerpt(response.body))
        }
        retryAfter = response.retryAfterSeconds.flatMap(Self.delay) ?? retryAfter
    }

    /// Whether a resource version or a page of a list is too old.
    public var isGone: Bool { code == 410 || reason == "Expired" || reason == "Gone" }

    /// Code, reason and message, for people.
    public var description: String {
        let head = reason.isEmpty ? "status \(code)" : "\(reason) (\(code))"
        return message.isEmpty ? head : "\(head): \(message)"
    }

    /// A number of seconds as a delay: none if negative, at most a minute, since no kind may be forgotten over it.
    private static func delay(seconds: Int64) -> Duration? {
        seconds < 0 ? nil : .seconds(min(seconds, 60))
    }

    /// The beginning of a body that is no `Status`, if it is text of one line.
    private static func excerpt(_ body: [UInt8]) -> String {
        let line = body.prefix(200).prefix { $0 >= 0x20 && $0 != 0x7F }
        return String(decoding: line, as: UTF8.self)
    }
}

/// An answer of the API server with its whole body.
public struct APIResponse: Sendable, Hashable {
    /// The HTTP status code.
    public var status: Int
    /// The body.
    public var body: [UInt8]
    /// The header `Retry-After`, if it is a number of seconds.
    public var retryAfterSeconds: Int64?

    /// Makes an answer.
    public init(status: Int, body: [UInt8] = [], retryAfterSeconds: Int64? = nil) {
        self.status = status
        self.body = body
        self.retryAfterSeconds = retryAfterSeconds
    }

    /// Reads the body as JSON.
    public func json() throws(ClusterError) -> JSONValue {
        var parser = JSONParser()
        do {
            return try parser.parse(body)
        } catch {
            throw .unreadable(error.message)
        }
    }
}
