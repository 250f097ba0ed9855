internal import Wire

/// Keeps the store told what is served by `custom.metrics.k8s.io`, without which HPAs get no metric of the cache.
///
/// There is nothing to be watched, so discovery is asked now and then, which everybody may do.
public struct CustomMetricsPoll<Source: Cluster>: Sendable {
    /// How often discovery is asked once there is a metric of a cache.
    static var interval: Duration { .seconds(30) }
    /// How often it is asked before that: whoever has just installed one creates the HPA next.
    static var intervalWithout: Duration { .seconds(10) }
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
            let served = await look()
            if let served { store.note(customMetrics: served) }
            let isThere = served?.capacityResources?.isEmpty == false
            // It throws only where the task is cancelled.
            guard (try? await cluster.sleep(for: isThere ? Self.interval : Self.intervalWithout)) != nil else { return }
        }
    }

    /// What the versions of the group list that answer, together; nil where nobody can say.
    private func look() async -> ServedMetrics? {
        do throws(ClusterError) {
            let group = try await cluster.send(APIRequest(.get, path: Self.group)).json()
            let versions =
                group["versions"]?.elements.prefix(Self.versionsMax).compactMap { $0["version"]?.string } ?? []
            for version in versions {
                // All versions are views of the same figures.
                if let served = try await look(at: version) { return served }
            }
            return .nothing
        } catch {
            return error.isNotFound ? .nothing : nil
        }
    }

    /// What a version lists; nil where it does not answer: a registered server that is down is told by 503.
    private func look(at version: String) async throws(ClusterError) -> ServedMetrics? {
        do throws(ClusterError) {
            let list = try await cluster.send(
                APIRequest(.get, path: "\(Self.group)/\(PercentEncoding.component(version))")
            ).json()
            guard let resources = list["resources"] else {
                return ServedMetrics(isServed: true, capacityResources: nil)
            }
            let names = resources.elements.lazy.compactMap { resource in
                resource["name"]?.hasSuffix("/capacity_used_rate") == true ? resource["name"]?.string : nil
            }
            return ServedMetrics(
                isServed: true, capacityResources: Set(names.map { String($0.prefix { $0 != "/" }) }))
        } catch .tooLarge {
            return ServedMetrics(isServed: true, capacityResources: nil)
        } catch {
            guard error.isNotFound || error.status?.code == 503 else { throw error }
            return nil
        }
    }
}
