public import Kubernetes
internal import Rules
public import Wire

/// Serves `custom.metrics.k8s.io` to those whom the API server passes on.
public struct CustomMetricsHandler<Base: Cluster>: Sendable {
    private let cluster: Base
    private let source: MetricSource
    private let poller: FigurePoller<Base>
    private let proxies: FrontProxyKeeper<Base>
    private let reviews: AccessReviews<Base>
    private let places: CallerPlaces
    private let metrics: Metrics
    private let log: LogSink

    /// What a path of this API group begins with.
    public static var pathPrefix: String { MetricRoute.prefix }

    /// Makes a handler.
    public init(
        cluster: Base, store: Store, book: FigureBook, poller: FigurePoller<Base>, proxies: FrontProxyKeeper<Base>,
        metrics: Metrics, log: @escaping LogSink
    ) {
        self.init(
            cluster: cluster, store: store, book: book, poller: poller, proxies: proxies, limits: CallerLimits(),
            metrics: metrics, log: log)
    }

    init(
        cluster: Base, store: Store, book: FigureBook, poller: FigurePoller<Base>, proxies: FrontProxyKeeper<Base>,
        limits: CallerLimits, metrics: Metrics, log: @escaping LogSink
    ) {
        self.cluster = cluster
        source = MetricSource(store: store, book: book)
        self.poller = poller
        self.proxies = proxies
        self.metrics = metrics
        self.log = log
        reviews = AccessReviews(cluster: cluster, limits: limits)
        places = CallerPlaces(limits.requests, perCaller: limits.requestsPerCaller)
    }

    /// Answers a request without a certificate.
    public func refuseStranger(_ request: HTTPRequest) -> HTTPResponse {
        count(proxies.current.map { _ in Self.stranger } ?? unready, MetricRoute(request.target))
    }

    /// Answers a request, in a few seconds at the most; with nil where nobody waits any more.
    ///
    /// - Parameters:
    ///   - chain: the client's certificates in DER, its own first, of which it has proven to have the key.
    ///   - isAwaited: whether the answer still goes anywhere, asked before each piece of work.
    public func answer(
        _ request: HTTPRequest, chain: [[UInt8]], isAwaited: () -> Bool = { true }
    ) async -> HTTPResponse? {
        guard isAwaited() else { return nil }
        let route = MetricRoute(request.target)
        return await answer(request, route, chain, isAwaited).map { count($0, route) }
    }

    private func count(_ response: HTTPResponse, _ route: MetricRoute) -> HTTPResponse {
        let resource =
            if case .query(let query) = route { MetricQuery.Resource(rawValue: query.resource) } else {
                nil as MetricQuery.Resource?
            }
        metrics.increment(.customMetricsRequests, [resource?.rawValue ?? Metrics.other, "\(response.status)"])
        return response
    }

    private static var stranger: HTTPResponse { .failure(401, "Unauthorized") }
    private static var crowded: HTTPResponse {
        .failure(429, "Too many requests, please try again later.", retryAfter: 1)
    }
    private var unready: HTTPResponse {
        .failure(503, "Sluice can't tell who asks: \(proxies.trouble ?? "it has just started")", retryAfter: 2)
    }

    private func answer(
        _ request: HTTPRequest, _ route: MetricRoute, _ chain: [[UInt8]], _ isAwaited: () -> Bool
    ) async -> HTTPResponse? {
        guard let proxy = proxies.current else { return unready }
        // Nobody whom we don't know takes a place of those whom we do.
        guard let user = await user(of: request, chain, proxy) else { return Self.stranger }
        guard places.take(user.name) else { return Self.crowded }
        defer { places.give(user.name) }
        guard request.method == "GET" || request.method == "HEAD" else {
            return .failure(
                405, "the server does not allow this method on the requested resource",
                [HTTPField("allow", "GET, HEAD")])
        }
        switch route {
        case .nothing: return .failure(404, "the server could not find the requested resource")
        case .unreadable(let problem): return .failure(400, problem)
        case .group:
            return await refusal(user, .path(MetricRoute.prefix)) ?? .json(200, MetricDocuments.group)
        case .version(let version):
            return await refusal(user, .path("\(MetricRoute.prefix)/\(version.rawValue)"))
                ?? .json(200, MetricDocuments.resources(version))
        case .query(let query):
            let action = AccessReviews<Base>.Action.metric(
                version: query.version.rawValue, namespace: query.namespace, resource: query.resource, name: query.name,
                metric: query.metric)
            if let refusal = await refusal(user, action) { return refusal }
            return await figures(query, isAwaited)
        }
    }

    /// Who asks; nil if nobody whom we believe says so, also by what the cluster says now.
    private func user(of request: HTTPRequest, _ chain: [[UInt8]], _ proxy: FrontProxy) async -> RequestUser? {
        if let user = proxy.user(chain: chain, headers: request.headers) { return user }
        guard !chain.isEmpty, await proxies.readAgain() else { return nil }
        return proxies.current?.user(chain: chain, headers: request.headers)
    }

    /// Why a user may not have something; nil if it may.
    private func refusal(_ user: RequestUser, _ action: AccessReviews<Base>.Action) async -> HTTPResponse? {
        switch await reviews.ask(user, action) {
        case .allowed: return nil
        case .crowded: return Self.crowded
        case .unknown(let reason):
            return .failure(500, "Internal error occurred: who may get figures can't be asked: \(reason)")
        case .denied:
            log(
                LogRecord(
                    .debug, "figures refused",
                    [("user", .string(user.name)), ("groups", .array(user.groups.map(JSON.string)))]))
            let who = "User \"\(user.name)\" cannot get"
            switch action {
            case .metric(_, let namespace, let resource, let name, let metric):
                return .failure(
                    403,
                    "\(resource).custom.metrics.k8s.io \"\(name)\" is forbidden: \(who) resource \"\(resource)/\(metric)\" "
                        + "in API group \"custom.metrics.k8s.io\" in the namespace \"\(namespace)\"",
                    details: ["name": .string(name), "group": "custom.metrics.k8s.io", "kind": .string(resource)])
            case .path(let path): return .failure(403, "forbidden: \(who) path \"\(path)\"")
            }
        }
    }

    private func figures(_ query: MetricQuery, _ isAwaited: () -> Bool) async -> HTTPResponse? {
        guard isAwaited() else { return nil }
        guard let resource = MetricQuery.Resource(rawValue: query.resource),
            let metric = CacheMetric(rawValue: query.metric)
        else { return notFound(query) }
        // A figure has no labels of its own.
        guard query.metricLabelSelector.matches([:]) else {
            return notFound(query, ": it has no labels, and the metricLabelSelector asks for some")
        }
        guard let subjects = source.subjects(query, resource) else {
            return .failure(
                400,
                "there are more than \(MetricSource.subjectsMax) \(query.resource) in the namespace; name one cache by "
                    + "labelSelector=release=NAME")
        }
        await poller.want(Set(subjects.map(\.runtime)).sorted())
        guard isAwaited() else { return nil }
        let items = source.items(subjects, metric, at: cluster.monotonicTime())
        guard !items.isEmpty else { return notFound(query) }
        return .json(200, MetricDocuments.list(items, of: query, resource: resource))
    }

    private func notFound(_ query: MetricQuery, _ reason: String = "") -> HTTPResponse {
        let what = query.name == "*" ? query.resource : "\(query.resource) \(query.name)"
        return .failure(404, "the server could not find the metric \(query.metric) for \(what)\(reason)")
    }
}
