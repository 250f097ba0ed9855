internal import Kubernetes
internal import Rules

/// A scale-in request as the text of an annotation that people can read: `2 of 3 at 2026-11-25T19:00:00Z`.
extension ScaleInRequest {
    /// Writes it; the time loses what is below a second.
    var text: String {
        "\(count) of \(replicas) at \(RFC3339.seconds(at.millisecondsSinceEpoch))"
    }

    /// Reads it; nil if it is none.
    init?(text: String) {
        let words = text.split(separator: " ", maxSplits: 5, omittingEmptySubsequences: false)
        guard words.count == 5, words[1] == "of", words[3] == "at", let count = Int32(words[0]), count >= 0,
            let replicas = Int32(words[2]), let time = RFC3339.parse(String(words[4]))
        else {
            return nil
        }
        self.init(
            count: Int(count), replicas: Int(replicas), at: Timestamp(millisecondsSinceEpoch: time))
    }
}

/// The workers that are out of service as the text of an annotation: `name uid host port`, separated by commas.
extension OutOfService {
    /// Writes them; nil if there are none.
    static func text(_ all: [OutOfService]) -> String? {
        all.isEmpty ? nil : all.map { "\($0.name) \($0.uid) \($0.host) \($0.webPort)" }.joined(separator: ",")
    }

    /// Reads them; what can't be read is left out.
    static func read(_ text: String?) -> [OutOfService] {
        (text ?? "").split(separator: ",").prefix(1_000).compactMap { entry in
            let words = entry.split(separator: " ").map(String.init)
            guard words.count == 4, let port = Int(words[3]) else { return nil }
            return OutOfService(name: words[0], uid: words[1], host: words[2], webPort: port)
        }
    }
}
