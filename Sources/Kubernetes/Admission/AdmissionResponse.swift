internal import Wire

/// The answer to a review.
public struct AdmissionResponse: Sendable, Hashable {
    /// The review's uid.
    public var uid: String
    /// Whether the request is admitted.
    public var isAllowed: Bool
    /// Why not; read by the API server only if the request is not admitted.
    public var status: Status?
    /// A JSON patch (RFC 6902) as bytes; nil for none.
    public var patch: [UInt8]?
    /// What kubectl shows as `Warning:`; each at most 120 characters, or it may be cut.
    public var warnings: [String]
    /// What goes into the API server's audit log, under our name.
    public var auditAnnotations: [AuditAnnotation]

    /// Why a request is not admitted.
    public struct Status: Sendable, Hashable {
        /// The HTTP status that the client gets, such as 403 or 422.
        public var code: Int
        /// The reason in one word, such as `Forbidden` or `Invalid`.
        public var reason: String
        /// The message for people; kubectl shows it.
        public var message: String

        /// Makes a reason.
        public init(code: Int, reason: String, message: String) {
            self.code = code
            self.reason = reason
            self.message = message
        }
    }

    /// One entry for the audit log.
    public struct AuditAnnotation: Sendable, Hashable {
        /// The key, without our prefix.
        public var key: String
        /// The value.
        public var value: String

        /// Makes an entry.
        public init(key: String, value: String) {
            self.key = key
            self.value = value
        }
    }

    /// Makes an answer.
    public init(
        uid: String, isAllowed: Bool, status: Status? = nil, patch: [UInt8]? = nil, warnings: [String] = [],
        auditAnnotations: [AuditAnnotation] = []
    ) {
        self.uid = uid
        self.isAllowed = isAllowed
        self.status = status
        self.patch = patch
        self.warnings = warnings
        self.auditAnnotations = auditAnnotations
    }

    /// The answer to a body that is no readable review: not admitted, code 400.
    public init(refusing error: AdmissionReviewError) {
        self.init(
            uid: error.uid, isAllowed: false,
            status: Status(code: 400, reason: "BadRequest", message: error.problem))
    }

    /// The answer as an `AdmissionReview` of this version.
    public func encoded(version: AdmissionReview.Version) -> [UInt8] {
        // Around 200 bytes of frame; what else there is only grows it once.
        var writer = JSONWriter(capacity: 320 + (patch.map { $0.count * 4 / 3 } ?? 0))
        writer.beginObject()
        writer.name("apiVersion")
        switch version {
        case .v1: writer.raw("\"admission.k8s.io/v1\"")
        case .v1beta1: writer.raw("\"admission.k8s.io/v1beta1\"")
        }
        writer.name("kind")
        writer.raw("\"AdmissionReview\"")
        writer.name("response")
        writer.beginObject()
        writer.name("uid")
        writer.value(uid)
        writer.name("allowed")
        writer.value(isAllowed)
        if let status { write(status, to: &writer) }
        if let patch {
            writer.name("patchType")
            writer.raw("\"JSONPatch\"")
            writer.name("patch")
            writer.base64(patch)
        }
        if !warnings.isEmpty {
            writer.name("warnings")
            writer.beginArray()
            for warning in warnings { writer.value(warning) }
            writer.endArray()
        }
        if !auditAnnotations.isEmpty {
            writer.name("auditAnnotations")
            writer.beginObject()
            for annotation in auditAnnotations {
                writer.name(annotation.key)
                writer.value(annotation.value)
            }
            writer.endObject()
        }
        writer.endObject()
        writer.endObject()
        return writer.bytes
    }

    private func write(_ status: Status, to writer: inout JSONWriter) {
        writer.name("status")
        writer.beginObject()
        writer.name("status")
        writer.raw("\"Failure\"")
        writer.name("code")
        writer.value(Int64(status.code))
        writer.name("reason")
        writer.value(status.reason)
        writer.name("message")
        writer.value(status.message)
        writer.endObject()
    }
}
