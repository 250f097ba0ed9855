public import Wire

extension HTTPResponse {
    /// An answer with a JSON object.
    static func json(_ status: Int, _ body: JSON, _ headers: [HTTPField] = []) -> HTTPResponse {
        HTTPResponse(
            status: status, headers: [HTTPField("content-type", "application/json")] + headers, body: body.encoded())
    }

    /// A refusal in the shape of Kubernetes' own (`metav1.Status`), whose callers tell their users the message of this shape
    /// alone.
    ///
    /// - Parameter seconds: after how long it should be tried again; nil where that would not help.
    public static func failure(
        _ code: Int, _ message: String, details: JSON = [:], retryAfter seconds: Int? = nil, _ headers: [HTTPField] = []
    ) -> HTTPResponse {
        var (details, headers) = (details, headers)
        if let seconds {
            details["retryAfterSeconds"] = .integer(Int64(seconds))
            headers.append(HTTPField("retry-after", "\(seconds)"))
        }
        var status: JSON = [
            "kind": "Status", "apiVersion": "v1", "metadata": [:], "status": "Failure", "message": .string(message),
        ]
        if let reason = reason(of: code) { status["reason"] = .string(reason) }
        status["details"] = details
        status["code"] = .integer(Int64(code))
        return .json(code, status, headers)
    }

    /// Kubernetes' word for a status; it has none for those that only HTTP knows.
    private static func reason(of code: Int) -> String? {
        switch code {
        case 400: "BadRequest"
        case 401: "Unauthorized"
        case 403: "Forbidden"
        case 404: "NotFound"
        case 405: "MethodNotAllowed"
        case 413: "RequestEntityTooLarge"
        case 415: "UnsupportedMediaType"
        case 429: "TooManyRequests"
        case 500: "InternalError"
        case 503: "ServiceUnavailable"
        case 504: "Timeout"
        default: nil
        }
    }
}
