internal import Kubernetes
internal import Rules

/// A wish as the text of an annotation that people can read: `2 of 3 at 2026-11-25T19:00:00Z`.
extension ScaleInWish {
    /// Writes it; the time loses what is below a second.
    var text: String {
        "\(count) of \(replicas) at \(RFC3339.seconds(at.millisecondsSinceEpoch))"
    }

    /// Reads it; nil if it is no wish.
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
