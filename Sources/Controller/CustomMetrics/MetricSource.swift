internal import Kubernetes
internal import Rules

/// Finds the objects that a query means, and their figures.
struct MetricSource: Sendable {
    let store: Store
    let book: FigureBook

    /// One object that a query means.
    struct Subject: Sendable {
        var name: String
        var runtime: ObjectKey
        /// Whether its figure is a worker's own; else the whole cache's.
        var isWorker: Bool
    }

    /// The most objects that a query is tried on: of more an answer would take long, and a part of them is none.
    static let subjectsMax = 10_000

    /// The objects that a query means, whether they have figures or not; nil if there are too many to choose from.
    func subjects(_ query: MetricQuery, _ resource: MetricQuery.Resource) -> [Subject]? {
        let all = candidates(query, resource)
        guard all.count <= Self.subjectsMax else { return nil }
        let meant = query.name == "*" ? all.filter { query.labelSelector.matches($0.labels) } : all
        return meant.map(\.subject)
    }

    private typealias Candidate = (subject: Subject, labels: [String: String])

    private func candidates(_ query: MetricQuery, _ resource: MetricQuery.Resource) -> [Candidate] {
        let namespace = query.namespace
        switch resource {
        case .pods:
            let release = query.labelSelector.value(of: "release")
            let pods: [CachePod] =
                if query.name != "*" {
                    [store.pod(ObjectKey(namespace: namespace, name: query.name))].compactMap(\.self)
                } else if let release {
                    store.pods(of: ObjectKey(namespace: namespace, name: release))
                } else {
                    store.pods(in: namespace)
                }
            return pods.compactMap { pod in
                guard let runtime = pod.runtimeKey, !pod.hasEnded else { return nil }
                let subject = Subject(name: pod.meta.name, runtime: runtime, isWorker: pod.role == .worker)
                return (subject, pod.meta.labels)
            }
        case .datasets: return whole(.datasets, query)
        case .runtimes: return whole(.runtimes, query)
        }
    }

    private func whole(_ kind: StoredKind, _ query: MetricQuery) -> [Candidate] {
        let objects =
            query.name == "*"
            ? store.objects(kind, in: query.namespace)
            : [store.object(kind, ObjectKey(namespace: query.namespace, name: query.name))].compactMap(\.self)
        return objects.map { object in
            (Subject(name: object.meta.name, runtime: object.meta.key, isWorker: false), object.meta.labels)
        }
    }

    /// The figures of these objects as far as there are any that are fresh.
    func items(_ subjects: [Subject], _ metric: CacheMetric, at now: Duration) -> [MetricDocuments.Item] {
        var entries: [ObjectKey: FigureBook.Entry] = [:]
        for runtime in Set(subjects.map(\.runtime)) { entries[runtime] = book.entry(runtime, at: now) }
        return subjects.compactMap { subject in
            guard let entry = entries[subject.runtime] else { return nil }
            let use =
                subject.isWorker
                ? entry.figures.workers.first { $0.pod == subject.name }?.use : entry.figures.whole
            return use.flatMap { metric.value(of: $0) }.map {
                MetricDocuments.Item(name: subject.name, value: $0, askedMilliseconds: entry.askedMilliseconds)
            }
        }
    }
}
