internal import Kubernetes
internal import Rules
internal import Wire

/// Fills the selector that Fluid since 1.0.7 leaves empty on most runtimes, without which no autoscaler works.
enum SelectorInjection {
    /// The request that fills it, or nil where there is nothing to do.
    ///
    /// Only the workers' selector, only where it is empty, and only after Fluid wrote its status once: 13 fields are
    /// required there, so that a patch before is refused.
    static func request(_ runtime: AlluxioRuntime, definition: RuntimeDefinition?) -> APIRequest? {
        guard definition?.scale?.labelSelectorPath != nil, !runtime.meta.isDeleting, let status = runtime.status,
            status.isComplete, status.selector.isEmpty
        else {
            return nil
        }
        let selector = AlluxioRuntime.workerSelector(name: runtime.meta.name)
        return .patch(
            .alluxioRuntimes, namespace: runtime.meta.namespace, name: runtime.meta.name, subresource: "status",
            type: .merge,
            body: ["metadata": ["uid": .string(runtime.meta.uid)], "status": ["selector": .string(selector)]])
    }
}
