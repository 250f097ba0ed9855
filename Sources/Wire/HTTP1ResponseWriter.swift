/// Writes HTTP/1.1 answers as bytes.
public enum HTTP1ResponseWriter {
    /// The interim answer to `Expect: 100-continue`.
    public static let continueBytes = Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)

    /// Appends an answer to `output`: status line, `date`, the answer's fields, `content-length`, `connection`, body.
    ///
    /// `date` is an HTTP date such as `Mon, 23 Nov 2026 10:00:00 GMT`, or empty for none. The answer to a `HEAD`
    /// request has the length of its body but not the body. Fields with a line end in them are left out.
    public static func write(
        _ response: HTTPResponse, keepsAlive: Bool, isHead: Bool = false, date: [UInt8] = [],
        into output: inout [UInt8]
    ) {
        output.reserveCapacity(output.count + response.body.count + 512)
        append("HTTP/1.1 ", to: &output)
        append(decimal: response.status, to: &output)
        output.append(UInt8(ascii: " "))
        append(reason(response.status), to: &output)
        append("\r\n", to: &output)
        if !date.isEmpty {
            append("date: ", to: &output)
            output.append(contentsOf: date)
            append("\r\n", to: &output)
        }
        for field in response.headers where isSafe(field.name) && isSafe(field.value) {
            output.append(contentsOf: field.name.utf8)
            append(": ", to: &output)
            output.append(contentsOf: field.value.utf8)
            append("\r\n", to: &output)
        }
        if response.status >= 200 && response.status != 204 && response.status != 304 {
            append("content-length: ", to: &output)
            append(decimal: response.body.count, to: &output)
            append("\r\n", to: &output)
        }
        append(keepsAlive ? "\r\n" : "connection: close\r\n\r\n", to: &output)
        if !isHead { output.append(contentsOf: response.body) }
    }

    private static func append(_ text: StaticString, to output: inout [UInt8]) {
        text.withUTF8Buffer { unsafe output.append(contentsOf: $0) }
    }

    private static func append(decimal number: Int, to output: inout [UInt8]) {
        let start = output.count
        var rest = number.magnitude
        repeat {
            output.append(UInt8(ascii: "0") + UInt8(rest % 10))
            rest /= 10
        } while rest > 0
        output[start...].reverse()
    }

    /// Text with a line end in it would let its author write fields, or answers, of his own.
    private static func isSafe(_ text: String) -> Bool {
        text.utf8.allSatisfy { HTTP1Syntax.isValue($0) }
    }

    private static func reason(_ status: Int) -> StaticString {
        switch status {
        case 200: "OK"
        case 204: "No Content"
        case 304: "Not Modified"
        case 400: "Bad Request"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 408: "Request Timeout"
        case 413: "Content Too Large"
        case 415: "Unsupported Media Type"
        case 417: "Expectation Failed"
        case 431: "Request Header Fields Too Large"
        case 500: "Internal Server Error"
        case 501: "Not Implemented"
        case 503: "Service Unavailable"
        case 504: "Gateway Timeout"
        case 505: "HTTP Version Not Supported"
        default: "Status"
        }
    }
}
