public import Wire

/// Namespace and name of an object.
public struct ObjectKey: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// The namespace; empty for objects of the whole cluster.
    public var namespace: String
    /// The name.
    public var name: String

    /// Makes a key.
    public init(namespace: String, name: String) {
        self.namespace = namespace
        self.name = name
    }

    /// `namespace/name`.
    public var description: String { namespace.isEmpty ? name : "\(namespace)/\(name)" }

    /// Orders by namespace, then by name.
    public static func < (left: ObjectKey, right: ObjectKey) -> Bool {
        (left.namespace, left.name) < (right.namespace, right.name)
    }
}

/// What we read of an object's `metadata`.
public struct ObjectMeta: Sendable, Hashable {
    /// The name; empty where only `generateName` was given.
    public var name: String
    /// The namespace; empty for objects of the whole cluster, and in a review that leaves it out.
    public var namespace: String
    /// The uid; empty before the object is stored.
    public var uid: String
    /// The version; empty before the object is stored.
    public var resourceVersion: String
    /// Counts the changes of `spec`; 0 before the object is stored.
    public var generation: Int64
    /// The labels.
    public var labels: [String: String]
    /// The annotations.
    public var annotations: [String: String]
    /// The owners.
    public var owners: [OwnerReference]
    /// When its deletion was asked for (RFC 3339); nil if it was not.
    public var deletionTimestamp: String?
    /// Who must let go before it is deleted.
    public var finalizers: [String]

    /// Which labels and annotations are kept: a store of 10,000 objects has no room for all.
    public struct Retention: Sendable {
        let labels: Bool
        let annotations: StaticString?

        /// Everything.
        public static let all = Retention(labels: true, annotations: "")
        /// Labels, and our own annotations.
        public static let labelsAndOurs = Retention(labels: true, annotations: "sluice.dev/")
        /// Our own annotations only.
        public static let ours = Retention(labels: false, annotations: "sluice.dev/")
        /// Neither labels nor annotations.
        public static let none = Retention(labels: false, annotations: nil)
    }

    /// Makes metadata.
    public init(
        name: String, namespace: String = "", uid: String = "", resourceVersion: String = "", generation: Int64 = 0,
        labels: [String: String] = [:], annotations: [String: String] = [:], owners: [OwnerReference] = [],
        deletionTimestamp: String? = nil, finalizers: [String] = []
    ) {
        self.name = name
        self.namespace = namespace
        self.uid = uid
        self.resourceVersion = resourceVersion
        self.generation = generation
        self.labels = labels
        self.annotations = annotations
        self.owners = owners
        self.deletionTimestamp = deletionTimestamp
        self.finalizers = finalizers
    }

    /// Reads `metadata` of the object `value`.
    public init(of value: JSONValue, keeping retention: Retention = .all) throws(ObjectError) {
        guard
            let meta = try value.optionalObject(
                "metadata", { (meta) throws(ObjectError) in try ObjectMeta(meta, keeping: retention) })
        else { throw ObjectError(path: "metadata", problem: "is missing") }
        self = meta
    }

    private init(_ value: JSONValue, keeping retention: Retention) throws(ObjectError) {
        name = try value.optionalString("name") ?? ""
        namespace = try value.optionalString("namespace") ?? ""
        uid = try value.optionalString("uid") ?? ""
        resourceVersion = try value.optionalString("resourceVersion") ?? ""
        generation = try value.optionalInt64("generation") ?? 0
        labels = retention.labels ? try value.stringMap("labels") : [:]
        if let prefix = retention.annotations {
            annotations = try value.stringMap("annotations") { $0.hasPrefix(prefix) }
        } else {
            annotations = [:]
        }
        owners = try value.objects("ownerReferences") { (owner) throws(ObjectError) in try OwnerReference(owner) }
        deletionTimestamp = try value.optionalString("deletionTimestamp")
        finalizers = try value.list("finalizers") { (element) throws(ObjectError) in
            guard let text = element.string else { throw ObjectError(problem: "is not a string") }
            return text
        }
    }

    /// Namespace and name.
    public var key: ObjectKey { ObjectKey(namespace: namespace, name: name) }
    /// Whether its deletion was asked for.
    public var isDeleting: Bool { deletionTimestamp != nil }
    /// The owner that controls it, if there is one.
    public var controller: OwnerReference? { owners.first(where: \.isController) }
}

/// Who an object belongs to.
public struct OwnerReference: Sendable, Hashable {
    /// The owner's `apiVersion`.
    public var apiVersion: String
    /// The owner's kind.
    public var kind: String
    /// The owner's name, in the object's namespace.
    public var name: String
    /// The owner's uid.
    public var uid: String
    /// Whether it is the one that manages the object.
    public var isController: Bool

    /// Makes a reference.
    public init(apiVersion: String, kind: String, name: String, uid: String, isController: Bool) {
        self.apiVersion = apiVersion
        self.kind = kind
        self.name = name
        self.uid = uid
        self.isController = isController
    }

    init(_ value: JSONValue) throws(ObjectError) {
        apiVersion = try value.optionalString("apiVersion") ?? ""
        kind = try value.optionalString("kind") ?? ""
        name = try value.optionalString("name") ?? ""
        uid = try value.optionalString("uid") ?? ""
        isController = try value.optionalBool("controller") ?? false
    }

    /// The API group of `apiVersion`; empty for the core group.
    public var group: String { APIVersion.group(apiVersion) }
}

/// The two parts of an `apiVersion`.
public enum APIVersion {
    /// The group; empty for the core group.
    public static func group(_ apiVersion: String) -> String {
        apiVersion.split(separator: "/", maxSplits: 1).count == 2
            ? String(apiVersion.prefix { $0 != "/" }) : ""
    }

    /// The version.
    public static func version(_ apiVersion: String) -> String {
        String(apiVersion.split(separator: "/", maxSplits: 1).last ?? "")
    }
}
