internal import Wire

extension HTTPResponse {
    /// Ready JSON.
    static func json(_ body: [UInt8]) -> HTTPResponse {
        HTTPResponse(status: 200, headers: [HTTPField("content-type", "application/json")], body: body)
    }
}

extension HTTPRequest {
    /// Whether the body is said to be JSON, with parameters or without.
    var hasJSONBody: Bool {
        guard let value = headers.first(where: { $0.name == "content-type" })?.value else { return false }
        // What the API server sends.
        if value == "application/json" { return true }
        let type = value.prefix { $0 != ";" }
        return type.lowercased().filter { $0 != " " && $0 != "\t" } == "application/json"
    }
}
