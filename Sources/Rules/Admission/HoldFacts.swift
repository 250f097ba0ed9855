/// What the hold looks at in an UPDATE of `statefulsets` or `statefulsets/scale`.
public struct HoldFacts: Sendable, Hashable {
    /// Whether the StatefulSet runs Alluxio workers.
    public enum Identity: Sendable, Hashable {
        /// Its labels say so (`app=alluxio` and `role=alluxio-worker`), or its owner, or the selector of its pods.
        case workerSet
        /// All of these say otherwise, or the store has every worker set and not this one.
        case somethingElse
        /// Nobody can say: a `Scale` without a selector, and the store has not caught up.
        case unknown
    }

    /// A label by which a worker set is known, and which the update changes or takes away.
    public struct LostLabel: Sendable, Hashable {
        /// `app` or `role`.
        public var key: String
        /// What it was, and stays.
        public var value: String
        /// Whether the new object has another value in its place.
        public var isReplaced: Bool

        /// Makes a lost label.
        public init(key: String, value: String, isReplaced: Bool) {
            self.key = key
            self.value = value
            self.isReplaced = isReplaced
        }
    }

    /// The StatefulSet's namespace.
    public var namespace: String
    /// The StatefulSet's name.
    public var name: String
    /// Whether it runs Alluxio workers.
    public var identity: Identity
    /// Whether `spec` of the new object is there.
    public var specContainer = Container.object
    /// `spec.replicas` before: absent is 1 in a StatefulSet and 0 in a `Scale`; the caller of the rule fills that in.
    public var oldReplicas: Int64
    /// `spec.replicas` as asked for; the same holds for an absent field.
    public var newReplicas: Int64
    /// The number of the first worker (`spec.ordinals.start`); 0 for a `Scale`, which does not say.
    public var firstOrdinal: Int64 = 0
    /// Whether the new object has the field: else it has to be added.
    public var hasReplicas = true
    /// What the update takes from the labels `app` and `role`; empty for a `Scale`, which has none.
    public var lostLabels: [LostLabel] = []
    /// All labels before, sorted by name, where the new object has no `metadata.labels` at all; else nil.
    public var vanishedLabels: [PatchValue.Member]?
    /// `spec.replicas` of the runtime, by the store or the live read; nil if nobody knows.
    public var wanted: Int64?
    /// `userInfo.username` of the request.
    public var user: String
    /// What the store says of the runtime.
    public var stored: RuntimeLookUp
    /// What a live read says of the runtime; nil as long as there was none.
    public var live: RuntimeLookUp?

    /// Makes the facts of one update; the live read comes later, if at all.
    public init(
        namespace: String, name: String, identity: Identity, oldReplicas: Int64, newReplicas: Int64, user: String,
        stored: RuntimeLookUp
    ) {
        self.namespace = namespace
        self.name = name
        self.identity = identity
        self.oldReplicas = oldReplicas
        self.newReplicas = newReplicas
        self.user = user
        self.stored = stored
    }

    /// Whether workers leave.
    var isLowered: Bool { newReplicas < oldReplicas }

    /// The labels by which every version of Fluid marks its worker sets.
    public static let labels = [("app", "alluxio"), ("role", "alluxio-worker")]

    /// What a worker set's name ends with, in every version of Fluid.
    public static let nameSuffix = "-worker"

    /// The name of the runtime that a worker set belongs to: its own name without `-worker`; nil for other names.
    public static func runtimeName(ofWorkerSet name: String) -> String? {
        name.hasSuffix(nameSuffix) && name.utf8.count > nameSuffix.utf8.count
            ? String(name.dropLast(nameSuffix.count)) : nil
    }
}

/// What a look-up says of the runtime that a worker set belongs to.
public enum RuntimeLookUp: Sendable, Hashable {
    /// It is there, and its workers have to be drained; an unreadable policy counts as this.
    case present
    /// It is being deleted.
    case beingDeleted
    /// It is there, and its drain policy is `None`.
    case drainsNothing
    /// There is none.
    case absent
    /// The look-up failed, was late, or the store has not caught up.
    case failed
    /// There is no cluster to ask.
    case noCluster

    /// What a runtime that was found means to the hold; an unreadable drain policy drains, and is never a guess.
    public init(isBeingDeleted: Bool, annotations: [String: String], policy: AdmissionPolicy) {
        if isBeingDeleted {
            self = .beingDeleted
        } else if case .policy(let drain) = DrainPolicy.read(annotations, defaults: policy.drainDefaults),
            drain.mode == .removeAtOnce
        {
            self = .drainsNothing
        } else {
            self = .present
        }
    }
}
