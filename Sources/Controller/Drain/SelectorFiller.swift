internal import Kubernetes
internal import Rules
internal import Synchronization
internal import Wire

/// Fills the selector that Fluid since 1.0.7 leaves empty on most runtimes, without which no autoscaler works.
struct SelectorFiller<Base: Cluster>: Sendable {
    let cluster: Base
    let reader: ObjectReader<Base>
    let log: LogSink
    private let attempts = Attempts()

    init(cluster: Base, reader: ObjectReader<Base>, log: @escaping LogSink) {
        self.cluster = cluster
        self.reader = reader
        self.log = log
    }

    /// When each runtime's selector may be filled again: Fluid before 0.6 drops it with each write of its status.
    private final class Attempts: Sendable {
        let next: Mutex<[ObjectKey: (due: Duration, pause: Duration)]> = Mutex([:])
    }

    /// Fills a runtime's selector, where it is missing and may be filled.
    func fill(_ key: ObjectKey, store: Store) async {
        guard let runtime = store.runtime(key), Self.needsSelector(runtime, store.definition) else { return }
        let now = cluster.monotonicTime()
        let isDue = attempts.next.withLock { next in
            let last = next[key]
            guard last.map({ now >= $0.due }) ?? true else { return false }
            if next.count > 10_000 { next = [:] }
            // Whoever had it for a while begins anew.
            let isQuiet = last.map { now - $0.due > .seconds(600) } ?? true
            let pause = isQuiet ? .seconds(1) : min((last?.pause ?? .seconds(1)) * 2, .seconds(60))
            next[key] = (now + pause, pause)
            return true
        }
        guard isDue else { return }
        do throws(ClusterError) {
            // The store may be behind: what another wrote meanwhile stays.
            let live = try await reader.read(.get(.alluxioRuntimes, namespace: key.namespace, name: key.name)) {
                (value) throws(ObjectError) in try AlluxioRuntime(value, keeping: .none)
            }.get()
            guard let live, live.status?.selector.isEmpty == true else { return }
            _ = try await cluster.send(
                .patch(
                    .alluxioRuntimes, namespace: key.namespace, name: key.name, subresource: "status", type: .merge,
                    body: [
                        "metadata": ["uid": .string(live.meta.uid)],
                        "status": ["selector": .string(AlluxioRuntime.workerSelector(name: key.name))],
                    ]))
            log(LogRecord(.info, "selector filled", fields(key)))
        } catch {
            log(LogRecord(.warning, "selector not filled", fields(key) + [("error", .string(error.description))]))
        }
    }

    private func fields(_ key: ObjectKey) -> [(name: String, value: JSON)] {
        [("namespace", .string(key.namespace)), ("name", .string(key.name))]
    }

    /// Only where it is empty, and only after Fluid wrote its status once: 13 fields are required there, so that a patch
    /// before is refused.
    static func needsSelector(_ runtime: AlluxioRuntime, _ definition: RuntimeDefinition?) -> Bool {
        guard definition?.scale?.labelSelectorPath != nil, !runtime.meta.isDeleting, let status = runtime.status else {
            return false
        }
        return status.isComplete && status.selector.isEmpty
    }
}
