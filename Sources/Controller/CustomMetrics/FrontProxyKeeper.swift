public import Kubernetes
internal import Synchronization
internal import Wire

/// Keeps what is known of the API server's certificate as the cluster has it.
public final class FrontProxyKeeper<Base: Cluster>: Sendable {
    /// How often it is read.
    static var interval: Duration { .seconds(30) }
    /// How soon after a failure.
    static var intervalAfterFailure: Duration { .seconds(2) }

    private let cluster: Base
    private let log: LogSink
    private struct State {
        var proxy: FrontProxy?
        var trouble: String? = "it was not read yet"
        /// Who waits for the reading that is under way; nil if none is.
        var waiters: [CheckedContinuation<Bool, Never>]?
        /// When the last one began.
        var readAt: Duration?
    }

    private let state = Mutex(State())

    /// Makes a keeper that knows nothing yet.
    public init(cluster: Base, log: @escaping LogSink) {
        self.cluster = cluster
        self.log = log
    }

    /// Why nobody can be believed; nil if that is known.
    public var trouble: String? { state.withLock { $0.proxy == nil ? $0.trouble : nil } }

    /// What was read last.
    var current: FrontProxy? { state.withLock { $0.proxy } }

    /// Reads until the task is cancelled; what was read stays where nothing newer can be had.
    public func run() async {
        while !Task.isCancelled {
            let isRead = await readOnce()
            // It throws only where the task is cancelled.
            guard (try? await cluster.sleep(for: isRead ? Self.interval : Self.intervalAfterFailure)) != nil else {
                return
            }
        }
    }

    /// Reads at once for somebody who is not believed, since the API server may have got another certificate.
    ///
    /// It is done no more often than after a failure, whoever asks; whether it was, and succeeded.
    func readAgain() async -> Bool {
        let now = cluster.monotonicTime()
        let isDue = state.withLock { state in
            state.waiters != nil || state.readAt.map { now - $0 >= Self.intervalAfterFailure } ?? true
        }
        return isDue ? await readOnce() : false
    }

    /// Reads once for all who ask meanwhile, and tells a new trouble; whether it succeeded.
    @discardableResult
    func readOnce() async -> Bool {
        let isMine = state.withLock { state in
            guard state.waiters == nil else { return false }
            (state.waiters, state.readAt) = ([], cluster.monotonicTime())
            return true
        }
        if isMine {
            let isRead = await readAndTell()
            for waiter in state.withLock({ $0.waiters.take() }) ?? [] { waiter.resume(returning: isRead) }
            return isRead
        }
        return await withCheckedContinuation { waiter in
            // It may have ended since.
            let isRead: Bool? = state.withLock { state in
                guard state.waiters != nil else { return state.trouble == nil }
                state.waiters?.append(waiter)
                return nil
            }
            if let isRead { waiter.resume(returning: isRead) }
        }
    }

    private func readAndTell() async -> Bool {
        let trouble = await read()
        let isNew = state.withLock { state in
            defer { state.trouble = trouble }
            return trouble != nil && trouble != state.trouble
        }
        if isNew, let trouble, !Task.isCancelled {
            log(
                LogRecord(.warning, "whom the API server passes on can't be known", [("reason", .string(trouble))]))
        }
        return trouble == nil
    }

    private func read() async -> String? {
        do throws(ClusterError) {
            let map = try await cluster.send(FrontProxy.request).json()
            do throws(ObjectError) {
                let proxy = try FrontProxy(map)
                state.withLock { $0.proxy = proxy }
                return nil
            } catch {
                return error.description
            }
        } catch {
            return error.isForbidden
                ? "Sluice may not get the ConfigMap extension-apiserver-authentication of kube-system"
                : error.description
        }
    }
}
