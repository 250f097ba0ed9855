public import Wire

/// What a store keeps, one case for each kind that is listed and watched.
public enum StoredKind: String, Sendable, Hashable, CaseIterable {
    /// Fluid's Alluxio runtimes.
    case runtimes
    /// Kubernetes' horizontal pod autoscalers.
    case autoscalers
    /// KEDA's scaled objects.
    case scaledObjects
    /// Alibaba's cron autoscalers.
    case cronAutoscalers
    /// Stateful sets that run workers.
    case statefulSets
    /// Daemon sets that run workers.
    case daemonSets
    /// The definition of `AlluxioRuntime`.
    case definitions
    /// Our own drains.
    case drains
    /// Fluid's data sets; only where figures are kept.
    case datasets
    /// The caches' own pods; only where figures are kept.
    case pods

    /// What admissions and drains need; the rest is for figures.
    public static let base: [StoredKind] = allCases.filter { !figures.contains($0) }
    /// What the figures of caches need besides.
    public static let figures: [StoredKind] = [.datasets, .pods]

    /// The resources that hold this kind, the better one first: which of them a cluster has depends on its version.
    public var resources: [Resource] {
        switch self {
        case .runtimes: [.alluxioRuntimes]
        case .autoscalers: [.horizontalPodAutoscalers, .horizontalPodAutoscalersBeta]
        case .scaledObjects: [.scaledObjects]
        case .cronAutoscalers: [.cronHorizontalPodAutoscalers]
        case .statefulSets: [.statefulSets]
        case .daemonSets: [.daemonSets]
        case .definitions: [.customResourceDefinitions, .customResourceDefinitionsBeta]
        case .drains: [.workerDrains]
        case .datasets: [.datasets]
        case .pods: [.pods]
        }
    }

    /// Which objects are asked for.
    public var selection: Selection {
        switch self {
        case .statefulSets, .daemonSets: Selection(labels: WorkerSet.labelSelector)
        case .definitions: Selection(fields: "metadata.name=\(RuntimeDefinition.name)")
        case .pods: Selection(labels: CachePod.labelSelector)
        case .runtimes, .autoscalers, .scaledObjects, .cronAutoscalers, .drains, .datasets: Selection()
        }
    }

    /// How often the kind is looked for while the cluster does not have it: runtimes may be created right after their kind.
    public var absentPollInterval: Duration {
        self == .runtimes ? .seconds(2) : .seconds(15)
    }

    /// The kind of scaler that it holds, if it does.
    var scalerKind: Scaler.Kind? {
        switch self {
        case .autoscalers: .horizontalPodAutoscaler
        case .scaledObjects: .scaledObject
        case .cronAutoscalers: .cronHorizontalPodAutoscaler
        case .runtimes, .statefulSets, .daemonSets, .definitions, .drains, .datasets, .pods: nil
        }
    }
}

/// One object as a store keeps it; behind a reference, so that tables stay small and looking one up copies little.
public indirect enum StoredObject: Sendable, Hashable {
    /// A runtime.
    case runtime(AlluxioRuntime)
    /// Something that scales a runtime.
    case scaler(Scaler)
    /// What runs a runtime's workers.
    case workerSet(WorkerSet)
    /// The definition of `AlluxioRuntime`.
    case definition(RuntimeDefinition)
    /// How the drain of a runtime goes.
    case drain(WorkerDrain)
    /// A data set.
    case dataset(Dataset)
    /// A pod of a cache.
    case pod(CachePod)

    /// Reads an object of this kind, with only what is kept; nil if it is none of ours.
    public init?(_ value: JSONValue, kind: StoredKind) throws(ObjectError) {
        switch kind {
        case .runtimes:
            var runtime = try AlluxioRuntime(value, keeping: .ours)
            // Only selectors of those who ask for figures look at them: without them the runtime is still known.
            runtime.meta.labels = (try? value.storedLabels()) ?? [:]
            self = .runtime(runtime)
        case .autoscalers, .scaledObjects, .cronAutoscalers:
            guard let scalerKind = kind.scalerKind, let scaler = try Scaler(value, kind: scalerKind) else { return nil }
            self = .scaler(scaler)
        case .statefulSets:
            self = .workerSet(try WorkerSet(value, kind: .statefulSet, keeping: .labelsAndOurs))
        case .daemonSets:
            self = .workerSet(try WorkerSet(value, kind: .daemonSet, keeping: .labelsAndOurs))
        case .definitions:
            self = .definition(try RuntimeDefinition(value))
        case .drains:
            self = .drain(try WorkerDrain(value))
        case .datasets:
            self = .dataset(try Dataset(value))
        case .pods:
            guard let pod = try CachePod(value) else { return nil }
            self = .pod(pod)
        }
    }

    /// Its metadata.
    public var meta: ObjectMeta {
        switch self {
        case .runtime(let runtime): runtime.meta
        case .scaler(let scaler): scaler.meta
        case .workerSet(let set): set.meta
        case .definition(let definition): definition.meta
        case .drain(let drain): drain.meta
        case .dataset(let dataset): dataset.meta
        case .pod(let pod): pod.meta
        }
    }

    /// The runtime that it concerns; nil for the definition, which concerns all, and for sets that run no runtime's workers.
    public var runtimeKey: ObjectKey? {
        switch self {
        case .runtime(let runtime): runtime.meta.key
        case .scaler(let scaler): scaler.runtimeKey
        case .workerSet(let set): set.runtimeKey
        case .definition: nil
        case .drain(let drain): drain.meta.key
        case .dataset(let dataset): dataset.meta.key
        case .pod(let pod): pod.runtimeKey
        }
    }
}
