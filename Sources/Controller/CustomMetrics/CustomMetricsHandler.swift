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
    private let metrics: Metrics
    private let log: LogSink

    /// What a path of this API group begins with.
    public static var pathPrefix: String { MetricRoute.prefix }

    /// Makes a handler.
    public init(
        cluster: Base, store: Store, book: FigureBook, poller: FigurePoller<Base>, proxies: FrontProxyKeeper<Base>,
        metrics: Metrics, log: @escaping LogSink
    ) {
        self.cluster = cluster
        source = MetricSource(store: store, book: book)
        self.poller = poller
        self.proxies = proxies
        self.metrics = metrics
        self.log = log
        reviews = AccessReviews(cluster: cluster)
    }

    /// Answers a request, in a few seconds at the most.
    ///
    /// - Parameter chain: the client's certificates in DER, its own first, of which it has proven to have the key.
    public func answer(_ request: HTTPRequest, chain: [[UInt8]]) async -> HTTPResponse {
        let route = MetricRoute(request.target)
        let response = await answer(request, route, chain)
        let resource =
            if case .query(let query) = route { MetricQuery.Resource(rawValue: query.resource) } else {
                nil as MetricQuery.Resource?
            }
        metrics.increment(.customMetricsRequests, [resource?.rawValue ?? Metrics.other, "\(response.status)"])
        return response
    }

    private func answer(_ request: HTTPRequest, _ route: MetricRoute, _ chain: [[UInt8]]) async -> HTTPResponse {
        guard let proxy = proxies.current else {
            return .refused(
                503, reason: "ServiceUnavailable",
                "Sluice can't tell who asks: \(proxies.trouble ?? "it has just started")",
                [HTTPField("retry-after", "2")])
        }
        guard let user = await user(of: request, chain, proxy) else {
            return .refused(401, reason: "Unauthorized", "Unauthorized")
        }
        guard request.method == "GET" || request.method == "HEAD" else {
            return .refused(
                405, reason: "MethodNotAllowed", "the server does not allow this method on the requested resource",
                [HTTPField("allow", "GET, HEAD")])
        }
        switch route {
        case .nothing:
            return .refused(404, reason: "NotFound", "the server could not find the requested resource")
        case .unreadable(let problem): return .refused(400, reason: "BadRequest", problem)
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
            return await figures(query)
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
        case .unknown(let reason):
            return .refused(500, reason: "InternalError", "who may get figures can't be asked: \(reason)")
        case .denied:
            log(
                LogRecord(
                    .debug, "figures refused",
                    [("user", .string(user.name)), ("groups", .array(user.groups.map(JSON.string)))]))
            let who = "User \"\(user.name)\" cannot get"
            switch action {
            case .metric(_, let namespace, let resource, let name, let metric):
                return .refused(
                    403, reason: "Forbidden",
                    "\(resource).custom.metrics.k8s.io \"\(name)\" is forbidden: \(who) resource \"\(resource)/\(metric)\" "
                        + "in API group \"custom.metrics.k8s.io\" in the namespace \"\(namespace)\"")
            case .path(let path): return .refused(403, reason: "Forbidden", "forbidden: \(who) path \"\(path)\"")
            }
        }
    }

    private func figures(_ query: MetricQuery) async -> HTTPResponse {
        guard let resource = MetricQuery.Resource(rawValue: query.resource),
            let metric = CacheMetric(rawValue: query.metric)
        else { return notFound(query) }
        // A figure has no labels of its own.
        guard query.metricLabelSelector.matches([:]) else {
            return notFound(query, ": it has no labels, and the metricLabelSelector asks for some")
        }
        guard let subjects = source.subjects(query, resource) else {
            return .refused(
                400, reason: "BadRequest",
                "there are more than \(MetricSource.subjectsMax) \(query.resource) in the namespace; name one cache by "
                    + "labelSelector=release=NAME")
        }
        await poller.want(Set(subjects.map(\.runtime)).sorted())
        let items = source.items(subjects, metric, at: cluster.monotonicTime())
        guard !items.isEmpty else { return notFound(query) }
        return .json(200, MetricDocuments.list(items, of: query, resource: resource))
    }

    private func notFound(_ query: MetricQuery, _ reason: String = "") -> HTTPResponse {
        let what = query.name == "*" ? query.resource : "\(query.resource) \(query.name)"
        return .refused(
            404, reason: "NotFound", "the server could not find the metric \(query.metric) for \(what)\(reason)")
    }
}
