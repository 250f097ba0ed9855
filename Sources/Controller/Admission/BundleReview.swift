public import Kubernetes
public import Rules
public import Wire

/// Reviews the objects of a bundle as if they were created in a cluster that holds nothing else.
///
/// The same judge as behind `/mutate` and `/validate`, with a store that the bundle fills: runtimes and whatever scales
/// them know each other. Call `remember` for everything that counts as there, then `review` for each object.
public final class BundleReview: Sendable {
    /// What becomes of one object.
    public struct Outcome: Sendable {
        /// What `/mutate` says: patches.
        public var defaults: Verdict
        /// What `/validate` says of the object with these patches: findings.
        public var verdict: Verdict
        /// The object with the patches.
        public var admitted: JSON
        /// Whether any rule is about this object.
        public var isJudged: Bool
    }

    private let store: Store
    private let judge: AdmissionJudge
    private let parsers: ParserPool

    /// Makes a cluster with this definition of `AlluxioRuntime` and nothing else.
    public init(policy: AdmissionPolicy, definition: RuntimeDefinition) {
        let parsers = ParserPool(bytesMax: 2 * YAMLReader.bytesMax)
        let store = Store()
        // No such kind, so far: that is a synced state.
        for kind in StoredKind.allCases { store.clear(kind) }
        store.update(.definition(definition), kind: .definitions)
        self.store = store
        self.parsers = parsers
        // Nothing runs in a cluster that is empty, so that the time of day means nothing.
        judge = AdmissionJudge(
            store: store, policy: policy, parsers: ParserPool(bytesMax: LastApplied.bytesMax), wallClock: { 0 },
            watch: nil)
    }

    /// How many scalers of one runtime are taken in: each knows those before it, and the second is refused already.
    static let scalersMax = 64

    /// Takes an object as there; one that is no runtime and no scaler of one, or unreadable, changes nothing, and neither
    /// does a scaler of a runtime that has a great many.
    ///
    /// - Parameter namespace: the namespace of an object that names none.
    public func remember(_ object: JSON, namespace: String) {
        // What can't be read is told by its own review.
        guard let entry = try? stored(object, namespace: namespace) else { return }
        if case .scaler(let scaler) = entry.object, scalerCount(of: scaler.runtimeKey) >= Self.scalersMax,
            store.object(entry.kind, entry.object.meta.key) == nil
        {
            return
        }
        store.update(entry.object, kind: entry.kind)
    }

    /// How many scalers of a runtime are there.
    func scalerCount(of runtime: ObjectKey) -> Int { store.scalers(of: runtime).count }

    /// Takes an object back out.
    public func forget(_ object: JSON, namespace: String) {
        // What can't be read was never taken in.
        guard let entry = try? stored(object, namespace: namespace) else { return }
        store.remove(entry.object.meta.key, kind: entry.kind)
    }

    /// Says what would become of an object on CREATE.
    ///
    /// - Parameters:
    ///   - object: the object as the API server has it after pruning, with `last-applied-configuration`.
    ///   - namespace: the namespace of an object that names none.
    ///   - resource: what it is an object of.
    public func review(_ object: JSON, namespace: String, resource: Resource) -> Outcome {
        let defaults = verdict(of: object, namespace, resource, .mutate)
        let admitted = object.applying(defaults?.patches ?? [])
        let verdict = verdict(of: admitted, namespace, resource, .validate)
        return Outcome(
            defaults: defaults ?? .pass, verdict: verdict ?? .pass, admitted: admitted,
            isJudged: defaults != nil || verdict != nil)
    }

    private func verdict(of object: JSON, _ namespace: String, _ resource: Resource, _ webhook: Webhook) -> Verdict? {
        // Both can only fail on what this function writes itself, or on objects beyond the parser's bounds.
        guard let root = try? parse(Self.request(object, namespace: namespace, resource: resource)),
            // The same.
            let review = try? AdmissionReview(root)
        else {
            let finding = Finding(
                .unreadableReview, "metadata", "the object can't be put into a review",
                remedy: "Check the types of kind, metadata.name and metadata.namespace")
            return Verdict(findings: [finding])
        }
        var judgement = judge.judge(review, webhook)
        // What the store does not have is not there: there is no cluster behind it.
        while case .needsRuntime(_, let decide) = judgement { judgement = decide(.absent) }
        guard case .decided(let verdict, _) = judgement else { return nil }
        return verdict
    }

    private func parse(_ value: JSON) throws(JSONError) -> JSONValue {
        try parsers.withParser { parser throws(JSONError) in try parser.parse(value.encoded().span) }
    }

    private static func request(_ object: JSON, namespace: String, resource: Resource) -> JSON {
        func text(_ value: JSON?) -> JSON { if case .string? = value { value ?? "" } else { "" } }
        let metadata = object["metadata"]
        return [
            "apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview",
            "request": [
                "uid": "review", "operation": "CREATE",
                "kind": [
                    "group": .string(resource.group), "version": .string(resource.version),
                    "kind": text(object["kind"]),
                ],
                "resource": [
                    "group": .string(resource.group), "version": .string(resource.version),
                    "resource": .string(resource.plural),
                ],
                "name": text(metadata?["name"]), "namespace": .string(namespace),
                "userInfo": ["username": "sluice-review"], "object": object,
            ],
        ]
    }

    private func stored(_ object: JSON, namespace: String) throws -> (object: StoredObject, kind: StoredKind)? {
        var object = object
        if object["metadata"]?["namespace"] == nil, var metadata = object["metadata"] {
            metadata["namespace"] = .string(namespace)
            object["metadata"] = metadata
        }
        let value = try parse(object)
        let apiVersion = value["apiVersion"]?.string ?? ""
        switch value["kind"]?.string {
        case "AlluxioRuntime" where apiVersion == Resource.alluxioRuntimes.apiVersion:
            return (.runtime(try AlluxioRuntime(value)), .runtimes)
        case "HorizontalPodAutoscaler" where apiVersion.hasPrefix("autoscaling/"):
            return try Scaler(value, kind: .horizontalPodAutoscaler).map { (.scaler($0), .autoscalers) }
        case "ScaledObject" where apiVersion.hasPrefix("keda.sh/"):
            return try Scaler(value, kind: .scaledObject).map { (.scaler($0), .scaledObjects) }
        case "CronHorizontalPodAutoscaler" where apiVersion.hasPrefix("autoscaling.alibabacloud.com/"):
            return try Scaler(value, kind: .cronHorizontalPodAutoscaler).map { (.scaler($0), .cronAutoscalers) }
        default:
            return nil
        }
    }
}
