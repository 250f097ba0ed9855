import Foundation

/// An answer of the API server, as it came.
struct Answer: CustomStringConvertible {
    let status: Int
    /// Texts of the `Warning` headers, without their number.
    let warnings: [String]
    let body: String

    var json: JSON { (try? JSON(text: body)) ?? JSON(nil) }
    var succeeded: Bool { (200..<300).contains(status) }
    /// The message of a refusal.
    var message: String { json["message"].string ?? "" }
    var description: String { "\(status) warnings=\(warnings) \(body.prefix(2000))" }

    func warns(_ text: String) -> Bool { warnings.contains { $0.contains(text) } }
}

/// Requests to the API server as they go over the wire: by curl, with the administrator's certificate.
struct API: Sendable {
    let server: String
    let pki: String
    /// The name of the certificate in `pki`.
    var user = "admin"

    enum Body: String {
        case json = "application/json"
        case yaml = "application/yaml"
        case merge = "application/merge-patch+json"
        case patch = "application/json-patch+json"
        case strategic = "application/strategic-merge-patch+json"
        case apply = "application/apply-patch+yaml"
    }

    @discardableResult
    func send(_ method: String, _ path: String, _ body: String? = nil, as type: Body = .json) throws -> Answer {
        let files = try TemporaryFolder()
        defer { files.remove() }
        var words = [
            "curl", "--silent", "--show-error", "--noproxy", "*", "--max-time", "30", "--request", method,
            "--cacert", "\(pki)/ca.crt", "--cert", "\(pki)/\(user).crt", "--key", "\(pki)/\(user).key",
            "--dump-header", files.file("head"), "--header", "Accept: application/json",
        ]
        if body != nil { words += ["--header", "Content-Type: \(type.rawValue)", "--data-binary", "@-"] }
        let ran = try Command(words: words + [server + path], input: body ?? "", limitSeconds: 40).run()
        guard ran.succeeded else { throw Trouble("curl \(method) \(path): \(ran)") }
        return Answer(head: try files.text("head"), body: ran.output)
    }

    /// An object that has to be there.
    func get(_ path: String) throws -> JSON {
        let answer = try send("GET", path)
        guard answer.succeeded else { throw Trouble("GET \(path): \(answer)") }
        return answer.json
    }
}

extension Answer {
    /// Reads what curl notes of the head; after a `100 Continue` only the last one counts.
    init(head: String, body: String) {
        var status = 0
        var warnings: [String] = []
        for line in head.split(whereSeparator: \.isNewline) {
            if line.hasPrefix("HTTP/") {
                status = line.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
                warnings = []
            } else if line.lowercased().hasPrefix("warning:") {
                // `299 - "text"`, with quotes and backslashes escaped.
                let text = line.drop { $0 != "\"" }.dropFirst().dropLast()
                warnings.append(String(text).replacing("\\\"", with: "\"").replacing("\\\\", with: "\\"))
            }
        }
        self.init(status: status, warnings: warnings, body: body)
    }
}
