internal import CLinux
internal import Glibc
internal import Synchronization

/// What a descriptor is ready for, or what is waited for.
public struct Readiness: OptionSet, Sendable, Hashable {
    /// The bits; their values are ours, not epoll's.
    public let rawValue: UInt8

    /// Makes a set from its bits.
    public init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    /// There is something to read, or the peer will send no more.
    public static let read = Readiness(rawValue: 1)
    /// There is room to write.
    public static let write = Readiness(rawValue: 2)
    /// The connection is broken, or both sides closed it; told without being waited for.
    public static let hangup = Readiness(rawValue: 4)
}

/// One thread that waits for descriptors, timers and jobs from elsewhere, and runs their callbacks one after the other.
///
/// `execute`, `stop`, `join` and `isCurrent` may be called from any thread. Everything else is for callbacks on the
/// loop's own thread and traps elsewhere: what callbacks touch therefore needs no lock. Callbacks must not block.
///
/// Order: `init`, `start`, then `execute` what registers the first descriptors; at the end `stop`, then `join`.
/// Descriptors stay their owner's, who deregisters before closing them.
@safe
public final class EventLoop: Sendable {
    /// The name of its thread, cut to 15 bytes, as `top -H` shows it.
    public let name: String

    let poller: Poller
    private let inbox = Mutex(Inbox())
    private let threadID = Atomic<Int32>(0)
    /// The thread's handle while it can be joined.
    private let thread = Mutex<UInt?>(nil)
    /// Touched on the loop's thread only, which every access checks.
    private nonisolated(unsafe) let storage = LoopState()

    private struct Inbox {
        var jobs: [@Sendable () -> Void] = []
        var stopping = false
    }

    /// Makes a loop that does not run yet.
    public init(name: String) throws(SystemError) {
        self.name = name
        poller = try Poller()
    }

    /// Starts the loop's thread; call it once.
    public func start() throws(SystemError) {
        var handle = pthread_t()
        let context = unsafe Unmanaged.passRetained(self)
        let result = unsafe pthread_create(
            &handle, nil,
            { context in
                guard let context = unsafe context else { return nil }
                unsafe Unmanaged<EventLoop>.fromOpaque(context).takeRetainedValue().run()
                return nil
            }, context.toOpaque())
        guard result == 0 else {
            unsafe context.release()
            throw SystemError("pthread_create", number: result)
        }
        thread.withLock { $0 = handle }
    }

    /// Runs a job on the loop's thread, soon and in the order of the calls; from any thread.
    ///
    /// A job that comes after the loop ended is dropped.
    public func execute(_ job: @escaping @Sendable () -> Void) {
        let wake = inbox.withLock { inbox in
            inbox.jobs.append(job)
            return inbox.jobs.count == 1
        }
        if wake { poller.wake() }
    }

    /// Ends the loop after the callbacks that run now and the jobs that were handed in before; from any thread.
    public func stop() {
        inbox.withLock { $0.stopping = true }
        poller.wake()
    }

    /// Waits until the loop's thread has ended; from any thread but its own, once.
    public func join() {
        guard let handle = thread.withLock({ $0.take() }) else { return }
        _ = pthread_join(handle, nil)
    }

    /// Whether the caller runs on the loop's thread.
    public var isCurrent: Bool {
        threadID.load(ordering: .relaxed) == CLinux_thread_id()
    }

    /// The loop-confined state; traps if the caller is on another thread.
    private var state: LoopState {
        precondition(isCurrent, "loop \(name) was used from another thread")
        return unsafe storage
    }

    private func run() {
        threadID.store(CLinux_thread_id(), ordering: .relaxed)
        _ = unsafe CLinux_set_thread_name(String(decoding: name.utf8.prefix(15), as: UTF8.self))
        let state = state
        defer { state.removeAll() }
        while true {
            state.now = .current()
            while let action = state.timers.takeDue(state.now) { action() }
            let (jobs, stopping) = inbox.withLock { inbox in
                let jobs = inbox.jobs
                inbox.jobs.removeAll()
                return (jobs, inbox.stopping)
            }
            for job in jobs { job() }
            state.endRound()
            if stopping {
                if jobs.isEmpty { break }
                continue
            }
            let ready = poller.wait(until: state.timers.nextMoment)
            if ready == 0 { continue }
            state.now = .current()
            for index in 0..<ready {
                let (key, readiness) = poller.event(index)
                state.handler(key)?(readiness)
            }
            state.endRound()
        }
    }

    // MARK: On the loop's thread

    /// The moment at which the loop woke up, good for every deadline that its callbacks set.
    public var now: MonotonicTime { state.now }

    /// Calls `handler` on the loop's thread whenever the descriptor is ready (level-triggered), until deregistered.
    ///
    /// A handler may register, modify and deregister anything, itself included.
    public func register(
        _ descriptor: Int32, interest: Readiness, handler: @escaping (Readiness) -> Void
    ) throws(SystemError) -> Registration {
        let state = state
        let registration = state.add(descriptor, handler)
        do {
            try poller.add(descriptor, interest, key: registration.key)
        } catch {
            state.remove(registration)
            throw error
        }
        return registration
    }

    /// Waits for something else on a registered descriptor; does nothing if it was deregistered.
    public func modify(_ registration: Registration, interest: Readiness) {
        guard state.handler(registration.key) != nil else { return }
        poller.modify(registration.descriptor, interest, key: registration.key)
    }

    /// Forgets a descriptor: its handler is not called again, not even for what is ready already.
    public func deregister(_ registration: Registration) {
        guard state.remove(registration) else { return }
        poller.remove(registration.descriptor)
    }

    /// Runs `action` once, at the end of this round: after the timers that are due and the jobs that came, or after all
    /// descriptors that are ready had their turn.
    public func atEndOfRound(_ action: @escaping () -> Void) {
        state.roundEnd.append(action)
    }

    /// Runs `action` once when that much time has passed, unless cancelled; not before, and soon after.
    @discardableResult
    public func schedule(after delay: Duration, _ action: @escaping () -> Void) -> TimerToken {
        let state = state
        return schedule(at: state.now.advanced(by: delay), action)
    }

    /// Runs `action` once at that moment, unless cancelled.
    @discardableResult
    public func schedule(at moment: MonotonicTime, _ action: @escaping () -> Void) -> TimerToken {
        TimerToken(token: state.timers.add(at: moment, action: action))
    }

    /// Forgets a timer; nothing happens if it has fired or was cancelled.
    public func cancel(_ timer: TimerToken) {
        state.timers.cancel(timer.token)
    }
}

/// Names a timer of one loop, to cancel it.
public struct TimerToken: Sendable, Hashable {
    let token: TimerHeap.Token
}

/// Names a registered descriptor of one loop.
public struct Registration: Sendable, Hashable {
    /// The descriptor.
    public let descriptor: Int32
    let slot: UInt32
    let generation: UInt32

    /// What epoll hands back: a stale event of a slot that is used again does not match its generation.
    var key: UInt64 { UInt64(generation) << 32 | UInt64(slot) }
}
