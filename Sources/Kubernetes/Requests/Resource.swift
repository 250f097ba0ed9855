/// A kind of object as a path names it: group, version and plural.
public struct Resource: Sendable, Hashable, CustomStringConvertible {
    /// The API group; empty for the core group.
    public var group: String
    /// The version, such as `v1`.
    public var version: String
    /// The plural in lower case, such as `statefulsets`.
    public var plural: String

    /// Makes a resource.
    public init(group: String, version: String, plural: String) {
        self.group = group
        self.version = version
        self.plural = plural
    }

    /// Group and version as objects carry them, such as `apps/v1`.
    public var apiVersion: String { group.isEmpty ? version : "\(group)/\(version)" }

    /// `statefulsets.v1.apps`, as kubectl writes it.
    public var description: String { group.isEmpty ? "\(plural).\(version)" : "\(plural).\(version).\(group)" }

    /// Fluid's Alluxio runtimes; only this version was ever served.
    public static let alluxioRuntimes = Resource(group: "data.fluid.io", version: "v1alpha1", plural: "alluxioruntimes")
    /// Fluid's datasets.
    public static let datasets = Resource(group: "data.fluid.io", version: "v1alpha1", plural: "datasets")
    /// Horizontal pod autoscalers, from Kubernetes 1.23 on.
    public static let horizontalPodAutoscalers = Resource(
        group: "autoscaling", version: "v2", plural: "horizontalpodautoscalers")
    /// Horizontal pod autoscalers, up to Kubernetes 1.25.
    public static let horizontalPodAutoscalersBeta = Resource(
        group: "autoscaling", version: "v2beta2", plural: "horizontalpodautoscalers")
    /// KEDA's scaled objects.
    public static let scaledObjects = Resource(group: "keda.sh", version: "v1alpha1", plural: "scaledobjects")
    /// Alibaba's cron autoscalers.
    public static let cronHorizontalPodAutoscalers = Resource(
        group: "autoscaling.alibabacloud.com", version: "v1beta1", plural: "cronhorizontalpodautoscalers")
    /// Stateful sets.
    public static let statefulSets = Resource(group: "apps", version: "v1", plural: "statefulsets")
    /// Daemon sets.
    public static let daemonSets = Resource(group: "apps", version: "v1", plural: "daemonsets")
    /// Our own drains.
    public static let workerDrains = Resource(group: "sluice.dev", version: "v1alpha1", plural: "workerdrains")
    /// Pods.
    public static let pods = Resource(group: "", version: "v1", plural: "pods")
    /// Nodes.
    public static let nodes = Resource(group: "", version: "v1", plural: "nodes")
    /// Services.
    public static let services = Resource(group: "", version: "v1", plural: "services")
    /// Events.
    public static let events = Resource(group: "", version: "v1", plural: "events")
    /// Leases, which leader election holds.
    public static let leases = Resource(group: "coordination.k8s.io", version: "v1", plural: "leases")
    /// Definitions of custom resources, from Kubernetes 1.16 on.
    public static let customResourceDefinitions = Resource(
        group: "apiextensions.k8s.io", version: "v1", plural: "customresourcedefinitions")
    /// Definitions of custom resources, up to Kubernetes 1.21.
    public static let customResourceDefinitionsBeta = Resource(
        group: "apiextensions.k8s.io", version: "v1beta1", plural: "customresourcedefinitions")
}
