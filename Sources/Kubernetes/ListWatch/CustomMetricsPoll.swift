internal import Wire

/// Keeps the store told whether anybody serves `custom.metrics.k8s.io`, without which HPAs get no metric of the cache.
///
/// There is nothing to be watched, so discovery is asked now and then, which everybody may do.
public struct CustomMetricsPoll<Source: Cluster>: Sendable {
    /// How often discovery is asked.
    static var interval: Duration { .seconds(30) }
    private static var group: String { "/apis/custom.metrics.k8s.io" }
    /// The most versions of the group that are asked for.
    private static var versionsMax: Int { 8 }

    private let cluster: Source
    private let store: Store

    /// Makes a poll that tells this store.
    public init(of cluster: Source, to store: Store) {
        self.cluster = cluster
        self.store = store
    }

    /// Asks until the task is cancelled; where no answer can be had, what was known stays known.
    public func run() async {
        while !Task.isCancelled {
            if let isServed = await look() { store.noteCustomMetrics(served: isServed) }
            // It throws only where the task is cancelled.
            guard (try? await cluster.sleep(for: Self.interval)) != nil else { return }
        }
    }

    /// Whether the group is registered and any version of it answers; nil where nobody can say.
    private func look() async -> Bool? {
        do throws(ClusterError) {
            let group = try await cluster.send(APIRequest(.get, path: Self.group)).json()
            let versions =
                group["versions"]?.elements.prefix(Self.versionsMax).compactMap { $0["version"]?.string } ?? []
            for version in versions where try await answers(version) { return true }
            return false
        } catch {
            return error.isNotFound ? false : nil
        }
    }

    /// Whether a version answers; a registered server that is down is told by 503.
    private func answers(_ version: String) async throws(ClusterError) -> Bool {
        do throws(ClusterError) {
            _ = try await cluster.send(
                APIRequest(.get, path: "\(Self.group)/\(PercentEncoding.component(version))"))
            return true
        } catch {
            guard error.isNotFound || error.status?.code == 503 else { throw error }
            return false
        }
    }
}
