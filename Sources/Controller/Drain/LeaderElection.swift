public import Kubernetes
internal import Synchronization
internal import Wire

/// Elects one of several replicas by a `Lease`, as client-go does.
///
/// A lease counts as abandoned when its `renewTime` has not moved for its duration, by our own clock: clocks may differ.
public struct LeaderElection<Base: Cluster>: Sendable {
    /// What an election is about.
    public struct Settings: Sendable {
        /// The lease.
        public var lease: ObjectKey
        /// Who we are; must differ between replicas.
        public var identity: String
        /// For how long a renewal holds, in seconds.
        public var durationSeconds: Int32
        /// How long before that end we stop writing, in seconds.
        public var marginSeconds: Int32
        /// How often the lease is renewed or looked at, in seconds.
        public var retrySeconds: Int32

        /// Makes settings with client-go's durations.
        public init(lease: ObjectKey, identity: String) {
            self.lease = lease
            self.identity = identity
            durationSeconds = 15
            marginSeconds = 5
            retrySeconds = 2
        }
    }

    private let cluster: Base
    private let settings: Settings
    private let leadership: Leadership
    private let onChange: @Sendable (Bool) -> Void
    private let failure: Failure

    /// Why the lease could not be had at the last try; told when it begins, changes or ends.
    private final class Failure: Sendable {
        let text: Mutex<String?> = Mutex(nil)
        let onTrouble: @Sendable (String?) -> Void

        init(_ onTrouble: @escaping @Sendable (String?) -> Void) { self.onTrouble = onTrouble }

        func note(_ trouble: String?) {
            let isNew = text.withLock { text in
                defer { text = trouble }
                return text != trouble
            }
            if isNew { onTrouble(trouble) }
        }
    }

    /// Why the lease can be neither read nor written; nil if it can, whoever holds it.
    public var trouble: String? { failure.text.withLock { $0 } }

    /// Makes an election; `onChange` is told each time that the leadership begins or ends, `onTrouble` why the lease can be
    /// neither read nor written, and nil when it can again.
    public init(
        cluster: Base, settings: Settings, leadership: Leadership,
        onChange: @escaping @Sendable (Bool) -> Void = { _ in },
        onTrouble: @escaping @Sendable (String?) -> Void = { _ in }
    ) {
        failure = Failure(onTrouble)
        self.cluster = cluster
        self.settings = settings
        self.leadership = leadership
        self.onChange = onChange
    }

    /// Stands for election until the task is cancelled; runs `work` while it leads, and cancels it when the lease is lost.
    ///
    /// `work` is told until when, by the monotonic clock, somebody else was seen to lead: what was to be told by then was told.
    public func run(_ work: @escaping @Sendable (Duration) async -> Void) async {
        var seen = Seen()
        while !Task.isCancelled {
            if await renew(&seen) {
                onChange(true)
                let last = await lead(seen, work)
                leadership.hold(until: nil)
                onChange(false)
                seen = last
            }
            // A cancelled sleep ends the loop above.
            try? await cluster.sleep(for: .seconds(Int64(settings.retrySeconds)))
        }
    }

    /// The lease as it was seen last, and when it last moved.
    private struct Seen {
        var lease: Lease?
        var movedAt: Duration = .zero
        /// When it was read last, and by when somebody else had moved it last.
        var readAt: Duration?
        var otherAt: Duration = .zero
    }

    private func lead(_ seen: Seen, _ work: @escaping @Sendable (Duration) async -> Void) async -> Seen {
        let ledUntil = seen.otherAt - .seconds(Int64(settings.durationSeconds))
        return await withTaskGroup(of: Seen?.self) { group in
            group.addTask {
                await work(ledUntil)
                return nil
            }
            group.addTask { await keep(seen) }
            var last = seen
            while let result = await group.next() {
                last = result ?? last
                group.cancelAll()
            }
            return last
        }
    }

    /// Renews until the lease is lost or the task is cancelled.
    private func keep(_ first: Seen) async -> Seen {
        var seen = first
        while !Task.isCancelled {
            // A cancelled sleep ends the loop.
            try? await cluster.sleep(for: .seconds(Int64(settings.retrySeconds)))
            if Task.isCancelled {
                break
            }
            if await !renew(&seen), !leadership.isHeld(at: cluster.monotonicTime()) {
                break
            }
        }
        return seen
    }

    /// Takes or renews the lease; false if it is someone else's or nobody answered.
    private func renew(_ seen: inout Seen) async -> Bool {
        let began = cluster.monotonicTime()
        do throws(ClusterError) {
            guard let current = try await read(&seen, now: began) else {
                failure.note(nil)
                return false
            }
            let written: APIResponse
            if current.meta.resourceVersion.isEmpty {
                written = try await cluster.send(
                    .create(.leases, namespace: settings.lease.namespace, body: current.json))
            } else {
                written = try await cluster.send(
                    .replace(
                        .leases, namespace: settings.lease.namespace, name: settings.lease.name, body: current.json))
            }
            // The answer is only kept to tell whether the lease moves.
            seen.lease = try? Lease(written.json())
            seen.movedAt = cluster.monotonicTime()
            let until = began + .seconds(Int64(settings.durationSeconds - settings.marginSeconds))
            leadership.hold(until: until)
            failure.note(cluster.monotonicTime() < until ? nil : "renewing it takes longer than it holds")
            return true
        } catch {
            failure.note(error.isConflict || error == .cancelled ? nil : error.description)
            if error.isConflict {
                leadership.hold(until: nil)
            }
            return false
        }
    }

    /// Reads the lease and returns it as we would write it, or nil if it is someone else's.
    private func read(_ seen: inout Seen, now: Duration) async throws(ClusterError) -> Lease? {
        let wall = cluster.wallClockMilliseconds()
        var lease: Lease
        do throws(ClusterError) {
            let answer = try await cluster.send(
                .get(.leases, namespace: settings.lease.namespace, name: settings.lease.name))
            let value = try answer.json()
            do throws(ObjectError) {
                lease = try Lease(value)
            } catch {
                throw ClusterError.unreadable(error.description)
            }
        } catch  where error.isNotFound {
            lease = Lease(meta: ObjectMeta(name: settings.lease.name, namespace: settings.lease.namespace))
        }
        if seen.lease?.renewedMilliseconds != lease.renewedMilliseconds || seen.lease?.holder != lease.holder {
            seen.movedAt = now
            // It moved after the last time that it was read, and nobody knows how soon.
            if lease.holder != settings.identity, let readAt = seen.readAt { seen.otherAt = readAt }
        }
        (seen.lease, seen.readAt) = (lease, now)
        let isOurs = lease.holder == settings.identity
        let duration = Duration.seconds(Int64(max(1, lease.durationSeconds)))
        guard isOurs || lease.holder.isEmpty || now - seen.movedAt >= duration else {
            leadership.hold(until: nil)
            return nil
        }
        if !isOurs {
            lease.acquiredMilliseconds = wall
            lease.transitions = lease.transitions &+ (lease.holder.isEmpty ? 0 : 1)
        }
        lease.holder = settings.identity
        lease.durationSeconds = settings.durationSeconds
        lease.renewedMilliseconds = wall
        return lease
    }

    /// Gives the lease up if it is ours, so that another replica need not wait for its end.
    ///
    /// Called after `run` has returned, by a task that is not cancelled itself.
    public func release() async {
        leadership.hold(until: nil)
        var seen = Seen()
        // If anything here fails, the lease simply ends by itself.
        guard let lease = try? await read(&seen, now: cluster.monotonicTime()), var mine = seen.lease,
            mine.holder == settings.identity, !lease.meta.resourceVersion.isEmpty
        else {
            return
        }
        mine.holder = ""
        // Likewise.
        _ = try? await cluster.send(
            .replace(.leases, namespace: settings.lease.namespace, name: settings.lease.name, body: mine.json))
    }
}
