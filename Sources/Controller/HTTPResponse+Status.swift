internal import Wire

extension HTTPResponse {
    /// An answer with a JSON object.
    static func json(_ status: Int, _ body: JSON, _ headers: [HTTPField] = []) -> HTTPResponse {
        HTTPResponse(
            status: status, headers: [HTTPField("content-type", "application/json")] + headers, body: body.encoded())
    }

    /// A refusal in the shape of Kubernetes' own (`metav1.Status`).
    static func refused(_ code: Int, reason: String, _ message: String, _ headers: [HTTPField] = []) -> HTTPResponse {
        .json(
            code,
            [
                "kind": "Status", "apiVersion": "v1", "metadata": [:], "status": "Failure", "message": .string(message),
                "reason": .string(reason), "code": .integer(Int64(code)),
            ], headers)
    }
}
