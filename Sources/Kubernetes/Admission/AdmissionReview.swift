public import Wire

/// A review as an API server asks for it: `admission.k8s.io`, `v1` or `v1beta1`.
public struct AdmissionReview: Sendable {
    /// The versions of `AdmissionReview`; the answer has to be in the one that was asked in.
    public enum Version: Sendable, Hashable {
        /// `admission.k8s.io/v1`.
        case v1
        /// `admission.k8s.io/v1beta1`, up to Kubernetes 1.21, and what old configurations still list first.
        case v1beta1

        /// The `apiVersion` of the answer.
        public var apiVersion: String {
            switch self {
            case .v1: "admission.k8s.io/v1"
            case .v1beta1: "admission.k8s.io/v1beta1"
            }
        }
    }

    /// What is being done.
    public enum Operation: String, Sendable, Hashable {
        /// An object is created.
        case create = "CREATE"
        /// An object is changed.
        case update = "UPDATE"
        /// An object is deleted.
        case delete = "DELETE"
        /// A stream to an object is opened.
        case connect = "CONNECT"
    }

    /// A kind of object with its version.
    public struct Kind: Sendable, Hashable {
        /// The API group; empty for the core group.
        public var group: String
        /// The version.
        public var version: String
        /// The kind, such as `AlluxioRuntime`.
        public var kind: String

        /// Makes a kind.
        public init(group: String, version: String, kind: String) {
            self.group = group
            self.version = version
            self.kind = kind
        }
    }

    /// The version it was asked in.
    public var version: Version
    /// Names this review; the answer has to carry it.
    public var uid: String
    /// The kind of the object as it was sent, converted to what the rule asks for.
    public var kind: Kind
    /// The resource of the request, converted likewise.
    public var resource: Resource
    /// The subresource, such as `scale`; empty for the object itself.
    public var subResource: String
    /// The kind as the user wrote it; nil if the API server did not say.
    public var requestKind: Kind?
    /// The object's name; empty on a create that leaves it to `generateName`.
    public var name: String
    /// The object's namespace; empty for objects of the whole cluster.
    public var namespace: String
    /// What is being done.
    public var operation: Operation
    /// Who does it.
    public var username: String
    /// Whether nothing will be stored.
    public var isDryRun: Bool
    /// The object as it is to be; nil on a delete.
    public var object: JSONValue?
    /// The object as it is; nil on a create.
    public var oldObject: JSONValue?
    /// The operation's options, such as `UpdateOptions`.
    public var options: JSONValue?
    /// The member `userInfo`, for what is seldom asked.
    private var userInfo: JSONValue?

    /// The groups of who does it.
    public var groups: [String] { userInfo?["groups"]?.elements.compactMap(\.string) ?? [] }

    /// The namespace and name that are asked about.
    public var key: ObjectKey { ObjectKey(namespace: namespace, name: name) }

    /// The longest uid, name or kind in bytes: four times what Kubernetes allows any of them.
    ///
    /// A longer one is refused, since it is told in answers and in the log.
    public static let nameBytesMax = 1 << 10

    /// Reads a review from the root of a parsed body.
    public init(_ root: JSONValue) throws(AdmissionReviewError) {
        let request = root.field("request")
        // What is known already, so that even a refusal reaches the request that it is for.
        let isShort = (request?["uid"]?.utf8Count ?? 0) <= Self.nameBytesMax
        var failure = AdmissionReviewError(
            version: .v1, uid: isShort ? request?["uid"]?.string ?? "" : "", problem: "")
        func fail(_ problem: String) -> AdmissionReviewError {
            failure.problem = problem
            return failure
        }
        guard root.kind == .object else { throw fail("the body is not a JSON object") }
        guard root["kind"]?.isString("AdmissionReview") == true else { throw fail("kind is not AdmissionReview") }
        guard let apiVersion = root["apiVersion"] else { throw fail("apiVersion is missing") }
        if apiVersion.isString("admission.k8s.io/v1") {
            version = .v1
        } else if apiVersion.isString("admission.k8s.io/v1beta1") {
            version = .v1beta1
        } else {
            throw fail("apiVersion is neither admission.k8s.io/v1 nor admission.k8s.io/v1beta1")
        }
        failure.version = version
        guard let request else { throw fail("request is missing") }
        guard request.kind == .object else { throw fail("request is not an object") }
        guard isShort else { throw fail("request.uid has more than \(Self.nameBytesMax) bytes") }
        guard !failure.uid.isEmpty else { throw fail("request.uid is missing") }
        uid = failure.uid
        do throws(ObjectError) {
            guard let operation = Operation(rawValue: try request.requiredName("operation")) else {
                throw ObjectError(path: "operation", problem: "is none of CREATE, UPDATE, DELETE and CONNECT")
            }
            self.operation = operation
            guard let kind = try Self.kind(request, "kind") else {
                throw ObjectError(path: "kind", problem: "is missing")
            }
            self.kind = kind
            requestKind = try Self.kind(request, "requestKind")
            let resource = try request.optionalObject("resource") { (part) throws(ObjectError) in
                Resource(
                    group: try part.optionalName("group") ?? "", version: try part.optionalName("version") ?? "",
                    plural: try part.requiredName("resource"))
            }
            guard let resource else { throw ObjectError(path: "resource", problem: "is missing") }
            self.resource = resource
            subResource = try request.optionalName("subResource") ?? ""
            name = try request.optionalName("name") ?? ""
            namespace = try request.optionalName("namespace") ?? ""
            username =
                try request.optionalObject("userInfo") { (user) throws(ObjectError) in
                    // Whoever issues names may make them as long as they like; what is cut is no name of ours.
                    try user.optionalString("username", bytesMax: Self.nameBytesMax) ?? ""
                } ?? ""
            isDryRun = try request.optionalBool("dryRun") ?? false
            object = try Self.object(request, "object")
            oldObject = try Self.object(request, "oldObject")
        } catch {
            throw fail(error.below("request").description)
        }
        options = request.field("options")
        userInfo = request.field("userInfo")
        if object == nil, operation == .create || operation == .update { throw fail("request.object is missing") }
        if oldObject == nil, operation == .update { throw fail("request.oldObject is missing") }
    }

    private static func object(_ request: JSONValue, _ name: StaticString) throws(ObjectError) -> JSONValue? {
        guard let value = request.field(name) else { return nil }
        guard value.kind == .object else { throw ObjectError(path: "\(name)", problem: "is not an object") }
        return value
    }

    private static func kind(_ request: JSONValue, _ name: StaticString) throws(ObjectError) -> Kind? {
        try request.optionalObject(name) { (part) throws(ObjectError) in
            Kind(
                group: try part.optionalName("group") ?? "", version: try part.optionalName("version") ?? "",
                kind: try part.requiredName("kind"))
        }
    }
}

/// Why a body is no review that can be judged; it still has to be answered, with HTTP 200 and `allowed: false`.
public struct AdmissionReviewError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The version to answer in: the one asked in, or the newest.
    public var version: AdmissionReview.Version
    /// The request's uid, as far as it could be read; empty if not.
    public var uid: String
    /// What is wrong, such as `request.uid is missing`.
    public var problem: String

    /// Makes an error.
    public init(version: AdmissionReview.Version = .v1, uid: String = "", problem: String) {
        self.version = version
        self.uid = uid
        self.problem = problem
    }

    /// The problem, for people.
    public var description: String { problem }
}

extension JSONValue {
    /// A name that may be told to others; one that is too long for any is an error.
    fileprivate func optionalName(_ name: StaticString) throws(ObjectError) -> String? {
        guard let text = try optionalString(name, bytesMax: AdmissionReview.nameBytesMax + 1) else { return nil }
        guard text.utf8.count <= AdmissionReview.nameBytesMax else {
            throw ObjectError(path: "\(name)", problem: "has more than \(AdmissionReview.nameBytesMax) bytes")
        }
        return text
    }

    /// The same, for one that must be there.
    fileprivate func requiredName(_ name: StaticString) throws(ObjectError) -> String {
        guard let text = try optionalName(name) else { throw ObjectError(path: "\(name)", problem: "is missing") }
        return text
    }
}
