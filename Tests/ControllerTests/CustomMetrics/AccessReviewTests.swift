import Foundation
import Kubernetes
import Synchronization
import Testing
import Wire

@testable import Controller

@Suite(.timeLimit(.minutes(1))) struct `Access reviews` {
    let cluster = FigureCluster()
    let store = Store()
    let samples: FrontProxySamples
    let proxies: FrontProxyKeeper<FigureCluster>
    static let reviews = FigureCluster.accessReviews
    static let path = "/apis/custom.metrics.k8s.io/v1beta2/namespaces/data/pods/*/capacity_used_rate"

    init() async throws {
        samples = try FrontProxySamples(now: Int64(Date().timeIntervalSince1970))
        proxies = FrontProxyKeeper(cluster: cluster) { _ in }
        try cluster.addCache(to: store, behind: samples)
        await proxies.readOnce()
    }

    func handler(_ limits: CallerLimits = CallerLimits()) -> CustomMetricsHandler<FigureCluster> {
        let book = FigureBook(freshFor: .seconds(30), store: store)
        let metrics = Metrics()
        let poller = FigurePoller(
            cluster: cluster, store: store, settings: FigureSettings(seed: 1), book: book, metrics: metrics
        ) { _ in }
        return CustomMetricsHandler(
            cluster: cluster, store: store, book: book, poller: poller, proxies: proxies, limits: limits,
            metrics: metrics
        ) { _ in }
    }

    func request(_ user: String, _ path: String = Self.path) -> HTTPRequest {
        HTTPRequest(method: "GET", target: path, headers: FrontProxySamples.headers(user))
    }

    func status(
        _ handler: CustomMetricsHandler<FigureCluster>, _ user: String, _ path: String = Self.path
    ) async -> Int? { await handler.answer(request(user, path), chain: samples.chain)?.status }

    /// Somebody who waits, as long as it is there.
    final class Client: Sendable {
        let isThere = Atomic<Bool>(true)
    }

    func holdReviews() { cluster.state.withLock { $0.heldPath = Self.reviews } }
    var heldCount: Int { cluster.state.withLock { $0.held.count } }
    var reviewCount: Int { cluster.requests.count { $0.path == Self.reviews } }

    func waitUntil(_ condition: () -> Bool) async { while !condition() { await Task.yield() } }

    @Test func `that are slow keep nobody waiting whose rights are known, nor others than who waits for them`()
        async throws
    {
        var limits = CallerLimits()
        (limits.waits, limits.waitsPerCaller, limits.reviews, limits.reviewsPerCaller) = (4, 2, 4, 2)
        let handler = handler(limits)
        #expect(await status(handler, "hpa") == 200)
        holdReviews()
        try await withThrowingTaskGroup { group in
            // Of `a` two questions are under way, and there is no place for a third; `b` has places of its own.
            for (user, name) in [("a", "1"), ("a", "2"), ("b", "1"), ("b", "2")] {
                let path = Self.path.replacing("*", with: "hbase-worker-\(name)")
                group.addTask { await status(handler, user, path) }
            }
            await waitUntil { heldCount == 4 }
            for user in ["a", "c"] {
                let refused = try #require(await handler.answer(request(user), chain: samples.chain))
                #expect(refused.status == 429 && refused.headers.contains(HTTPField("retry-after", "1")))
                #expect(String(decoding: refused.body, as: UTF8.self).contains(#""reason":"TooManyRequests""#))
            }
            #expect(reviewCount == 5)
            #expect(await status(handler, "hpa") == 200)
            cluster.release()
            #expect(try await group.reduce(into: []) { $0.append($1) }.count { $0 == 429 } == 0)
        }
        // All places are free again.
        #expect(await status(handler, "a") == 200)
        #expect(await status(handler, "c") == 200)
    }

    @Test(arguments: [(true, 200), (false, 500)]) func `of one question are one, whose answer all who wait get`(
        isAnswered: Bool, code: Int
    ) async throws {
        var limits = CallerLimits()
        (limits.waits, limits.waitsPerCaller, limits.reviews, limits.reviewsPerCaller) = (8, 4, 8, 4)
        let (reviews, handler) = (AccessReviews(cluster: cluster, limits: limits), handler(limits))
        let user = RequestUser(name: "a")
        if !isAnswered { cluster.state.withLock { $0.answers[Self.reviews] = .failure(.timeout) } }
        holdReviews()
        await withTaskGroup { group in
            for _ in 0..<4 { group.addTask { await reviews.ask(user, .path("/x")) } }
            await waitUntil { reviews.waitCount == 4 && heldCount == 1 }
            #expect(await reviews.ask(user, .path("/x")) == .crowded)
            cluster.release()
            for await answer in group { #expect((answer == .allowed) == isAnswered) }
        }
        #expect(reviewCount == 1 && reviews.waitCount == 0)
        #expect(await status(handler, "a") == code)
    }

    @Test func `of names that only look alike are of two`() async throws {
        let reviews = AccessReviews(cluster: cluster)
        #expect(await reviews.ask(RequestUser(name: "jos\u{e9}"), .path("/x")) == .allowed)
        cluster.state.withLock { $0.answers[Self.reviews] = .success(#"{"status":{"allowed":false}}"#) }
        #expect(await reviews.ask(RequestUser(name: "jose\u{301}"), .path("/x")) == .denied)
        #expect(await reviews.ask(RequestUser(name: "jos\u{e9}"), .path("/x")) == .allowed)
        #expect(reviewCount == 2)
    }

    @Test func `wait for the certificate that the API server has just got, however many come`() async throws {
        let handler = handler()
        let next = try FrontProxySamples(now: Int64(Date().timeIntervalSince1970))
        let map = next.configMap()
        cluster.state.withLock { state in
            state.answers[FrontProxy.request.path] = .success(map)
            state.heldPath = FrontProxy.request.path
        }
        cluster.pass(.seconds(2))
        await withTaskGroup { group in
            for _ in 0..<8 {
                group.addTask { await handler.answer(request("a"), chain: next.chain)?.status }
            }
            await waitUntil { heldCount == 1 }
            for _ in 0..<99 { await Task.yield() }
            cluster.release()
            for await status in group { #expect(status == 200) }
        }
    }

    @Test func `of long questions are remembered up to so many bytes`() async throws {
        let reviews = AccessReviews(cluster: cluster)
        let name = String(repeating: "x", count: 300 << 10)
        for number in 0..<8 { _ = await reviews.ask(RequestUser(name: "a"), .path(name + "\(number)")) }
        #expect(reviewCount == 8)
        for number in 0..<8 { _ = await reviews.ask(RequestUser(name: "a"), .path(name + "\(number)")) }
        #expect(reviewCount > 8 && reviews.keptBytes <= 2 << 20)
    }

    @Test func `take places of callers alone: who shows nothing, or a stranger's certificate, takes none`() async throws
    {
        var limits = CallerLimits()
        (limits.requests, limits.requestsPerCaller) = (2, 1)
        let handler = handler(limits)
        let stranger = try FrontProxySamples(now: Int64(Date().timeIntervalSince1970))
        holdReviews()
        await withTaskGroup { group in
            for user in ["a", "b"] {
                group.addTask { await status(handler, user) }
                await waitUntil { heldCount == (user == "a" ? 1 : 2) }
                #expect(await status(handler, "a") == 429)
            }
            #expect(await status(handler, "c") == 429)
            #expect(await handler.answer(request("a"), chain: stranger.chain)?.status == 401)
            #expect(handler.refuseStranger(request("a")).status == 401)
            cluster.release()
            for await status in group { #expect(status == 200) }
        }
        #expect(await status(handler, "c") == 200)
    }

    @Test func `that nobody waits for any more end in no figures`() async throws {
        let handler = handler()
        let client = Client()
        holdReviews()
        await withTaskGroup { group in
            group.addTask {
                await handler.answer(request("a"), chain: samples.chain) { client.isThere.load(ordering: .relaxed) }
            }
            await waitUntil { heldCount == 1 }
            client.isThere.store(false, ordering: .relaxed)
            cluster.release()
            for await answer in group { #expect(answer == nil) }
        }
        // Neither the review, whose answer is known now, nor the cache is asked.
        #expect(await handler.answer(request("b"), chain: samples.chain) { false } == nil)
        #expect(!cluster.requests.contains { $0.path.contains("/proxy/") } && reviewCount == 1)
    }
}
