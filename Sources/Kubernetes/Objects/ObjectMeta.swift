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

    /// What is kept: a store of 10,000 objects has no room for all that somebody may write into one.
    public enum Retention: Sendable {
        /// Everything.
        case all
        /// Labels, and our own annotations.
        case labelsAndOurs
        /// Our own annotations only.
        case ours
        /// Neither labels nor annotations.
        case none
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
        let isWhole = retention == .all
        let nameBytes = isWhole ? .max : StoreLimits.nameBytes
        name = try value.name("name", bytesMax: nameBytes)
        namespace = try value.name("namespace", bytesMax: nameBytes)
        uid = try value.name("uid", bytesMax: nameBytes)
        resourceVersion = try value.name("resourceVersion", bytesMax: nameBytes)
        generation = try value.optionalInt64("generation") ?? 0
        switch retention {
        case .all, .labelsAndOurs:
            labels = try value.stringMap("labels", entriesMax: isWhole ? .max : StoreLimits.labels)
        case .ours, .none: labels = [:]
        }
        switch retention {
        case .all: annotations = try value.stringMap("annotations")
        case .labelsAndOurs: annotations = try value.ownAnnotations(bytesMax: StoreLimits.workerSetAnnotationBytes)
        case .ours: annotations = try value.ownAnnotations(bytesMax: StoreLimits.annotationBytes)
        case .none: annotations = [:]
        }
        owners = try value.objects("ownerReferences", max: isWhole ? .max : StoreLimits.owners) {
            (owner) throws(ObjectError) in try OwnerReference(owner, nameBytes: nameBytes)
        }
        deletionTimestamp = try value.optionalString("deletionTimestamp", bytesMax: nameBytes)
        finalizers = try value.list("finalizers", max: isWhole ? .max : 0) { (element) throws(ObjectError) in
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

    init(_ value: JSONValue, nameBytes: Int = .max) throws(ObjectError) {
        apiVersion = try value.name("apiVersion", bytesMax: nameBytes)
        kind = try value.name("kind", bytesMax: nameBytes)
        name = try value.name("name", bytesMax: nameBytes)
        uid = try value.name("uid", bytesMax: nameBytes)
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
