/// Writes an HTTP/1.1 request's bytes (RFC 9112).
public enum HTTP1ClientRequest {
    /// Returns the request's bytes, or nil where a part of it would break the framing: a target with blanks or control
    /// characters, a name that is no token, a line break in a value.
    ///
    /// `host` is the authority as the `Host` field has it. The length of the body is added; the request's own fields
    /// must not frame it.
    public static func bytes(of request: HTTPRequest, host: String) -> [UInt8]? {
        guard isToken(request.method), isVisible(request.target), isVisible(host) else { return nil }
        var bytes = Array("\(request.method) \(request.target) HTTP/1.1\r\nhost: \(host)\r\n".utf8)
        for field in request.headers {
            guard isToken(field.name), isFieldValue(field.value) else { return nil }
            if field.name == "content-length" || field.name == "transfer-encoding" || field.name == "host" {
                return nil
            }
            bytes.append(contentsOf: field.name.utf8)
            bytes.append(contentsOf: ": ".utf8)
            bytes.append(contentsOf: field.value.utf8)
            bytes.append(contentsOf: "\r\n".utf8)
        }
        if !request.body.isEmpty || request.method == "POST" || request.method == "PUT" || request.method == "PATCH" {
            bytes.append(contentsOf: "content-length: \(request.body.count)\r\n".utf8)
        }
        bytes.append(contentsOf: "\r\n".utf8)
        bytes.append(contentsOf: request.body)
        return bytes
    }

    static func isToken(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { tokenByte($0) != nil }
    }

    static func isVisible(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
    }

    static func isFieldValue(_ text: String) -> Bool {
        text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }
    }
}
