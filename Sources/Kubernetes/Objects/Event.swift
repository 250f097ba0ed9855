internal import Wire

/// An event (core `v1`) to write, which `kubectl describe` shows with the object that it is about.
public struct Event: Sendable, Hashable {
    /// What an event is about.
    public struct Subject: Sendable, Hashable {
        /// The object's `apiVersion`.
        public var apiVersion: String
        /// The object's kind.
        public var kind: String
        /// The object's namespace and name.
        public var key: ObjectKey
        /// The object's uid, without which `kubectl describe` does not show the event.
        public var uid: String

        /// Makes a subject.
        public init(apiVersion: String, kind: String, key: ObjectKey, uid: String) {
            self.apiVersion = apiVersion
            self.kind = kind
            self.key = key
            self.uid = uid
        }
    }

    /// What it is about.
    public var subject: Subject
    /// Whether it is of type `Warning` rather than `Normal`.
    public var isWarning: Bool
    /// The reason in one word, such as `DrainStarted`.
    public var reason: String
    /// The message for people, cut to 1,024 bytes as the API server demands.
    public var message: String
    /// The first time it happened, in milliseconds since 1970.
    public var firstMilliseconds: Int64
    /// The last time it happened, in milliseconds since 1970.
    public var lastMilliseconds: Int64
    /// How often it happened.
    public var count: Int32

    /// Makes an event.
    public init(
        subject: Subject, isWarning: Bool = false, reason: String, message: String, firstMilliseconds: Int64,
        lastMilliseconds: Int64? = nil, count: Int32 = 1
    ) {
        self.subject = subject
        self.isWarning = isWarning
        self.reason = reason
        self.message = message
        self.firstMilliseconds = firstMilliseconds
        self.lastMilliseconds = lastMilliseconds ?? firstMilliseconds
        self.count = count
    }

    /// The most bytes of a message (apimachinery's NoteLengthLimit).
    static let messageBytesMax = 1024

    /// A request that writes the event under this name, which has to differ from all others of its namespace.
    public func createRequest(name: String) -> APIRequest {
        let namespace = subject.key.namespace.isEmpty ? "default" : subject.key.namespace
        let source: JSON = ["component": "sluice"]
        let body: JSON = [
            "apiVersion": "v1", "kind": "Event",
            "metadata": ["name": .string(name), "namespace": .string(namespace)],
            "involvedObject": [
                "apiVersion": .string(subject.apiVersion), "kind": .string(subject.kind),
                "namespace": .string(subject.key.namespace), "name": .string(subject.key.name),
                "uid": .string(subject.uid),
            ],
            "type": isWarning ? "Warning" : "Normal", "reason": .string(reason),
            "message": .string(Self.cut(message)), "source": source,
            "firstTimestamp": .string(RFC3339.seconds(firstMilliseconds)),
            "lastTimestamp": .string(RFC3339.seconds(lastMilliseconds)), "count": .integer(Int64(count)),
            "reportingComponent": "sluice", "reportingInstance": "",
        ]
        return .create(.events, namespace: namespace, body: body)
    }

    /// A request that counts the event of this name up instead of writing another.
    public func countRequest(name: String) -> APIRequest {
        let namespace = subject.key.namespace.isEmpty ? "default" : subject.key.namespace
        return .patch(
            .events, namespace: namespace, name: name, type: .merge,
            body: [
                "count": .integer(Int64(count)), "message": .string(Self.cut(message)),
                "lastTimestamp": .string(RFC3339.seconds(lastMilliseconds)),
            ])
    }

    /// Cuts a message to what the API server takes, at a character's border.
    private static func cut(_ message: String) -> String {
        guard message.utf8.count > messageBytesMax else { return message }
        var result = ""
        var bytes = 0
        for scalar in message.unicodeScalars {
            bytes += UTF8.width(scalar)
            if bytes > messageBytesMax - 3 { break }
            result.unicodeScalars.append(scalar)
        }
        return result + "..."
    }
}
