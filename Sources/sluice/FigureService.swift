internal import Controller
internal import Kubernetes
internal import Rules
internal import Transport
internal import Wire

/// The part of the process that knows how full caches are, and tells it to autoscalers and on `/metrics`.
final class FigureService: RequestHandler {
    private let book: FigureBook
    private let poller: FigurePoller<LiveCluster>
    private let proxies: FrontProxyKeeper<LiveCluster>
    private let handler: CustomMetricsHandler<LiveCluster>
    private let cluster: LiveCluster
    private let store: Store

    init(
        _ settings: ServeSettings, connection: ClusterConnection, store: Store, metrics: Metrics, log: @escaping LogSink
    ) {
        let figures = FigureSettings(interval: settings.metricsInterval, seed: UInt64.random(in: 0...UInt64.max))
        cluster = connection.cluster
        self.store = store
        book = FigureBook(freshFor: figures.freshFor, store: store)
        poller = FigurePoller(
            cluster: cluster, store: store, settings: figures, book: book, metrics: metrics, log: log)
        proxies = FrontProxyKeeper(cluster: cluster, log: log)
        handler = CustomMetricsHandler(
            cluster: cluster, store: store, book: book, poller: poller, proxies: proxies, metrics: metrics,
            log: log)
    }

    /// Whether a request is one for figures.
    static func isConcerned(by request: HTTPRequest) -> Bool { request.target.hasPrefix("/apis/") }

    /// Why nobody can be told figures; nil if that is possible.
    var trouble: String? { proxies.trouble.map { "custom.metrics.k8s.io: \($0)" } }

    /// The series of `/metrics`.
    func series() -> [UInt8] {
        FigureSeries.render(book.entries(at: cluster.monotonicTime())) { [store] in
            store.dataset($0).flatMap { DataSize.bytes($0.ufsTotal) }
        }
    }

    /// Tells of a change in the cluster.
    func noteChange(_ change: Store.Change) { poller.noteChange(change) }

    /// Looks at caches until the task is cancelled.
    func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask { [poller] in await poller.run() }
            group.addTask { [proxies] in await proxies.run() }
        }
    }

    func handle(_ request: HTTPRequest, on context: RequestContext, respond responder: Responder) {
        let chain = context.clientChain
        guard !chain.isEmpty else { return responder.respond(handler.refuseStranger(request)) }
        var asked = request
        asked.body = []
        Task { [handler, asked] in
            let answer = await handler.answer(asked, chain: chain) { responder.isAwaited }
            if let answer { responder.respond(answer) }
        }
    }
}
