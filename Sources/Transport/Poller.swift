internal import CLinux
internal import Glibc

/// An epoll(7) with an eventfd(2) to wake it up.
///
/// `wake` is for any thread, the rest for the loop's.
@safe
final class Poller: Sendable {
    /// How many events are taken at once.
    private static let batch = 256
    private static let wakeupKey = UInt64.max

    private let epoll: Int32
    private let wakeup: Int32
    /// Written by `wait` and read by `event`, on the loop's thread.
    private nonisolated(unsafe) let events: UnsafeMutableBufferPointer<epoll_event>

    init() throws(SystemError) {
        let epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
        guard epoll >= 0 else { throw .last("epoll_create1") }
        let wakeup = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
        guard wakeup >= 0 else {
            let error = SystemError.last("eventfd")
            _ = close(epoll)
            throw error
        }
        var interest = unsafe Self.event(.read, Self.wakeupKey)
        guard unsafe epoll_ctl(epoll, EPOLL_CTL_ADD, wakeup, &interest) == 0 else {
            let error = SystemError.last("epoll_ctl")
            _ = close(epoll)
            _ = close(wakeup)
            throw error
        }
        self.epoll = epoll
        self.wakeup = wakeup
        unsafe events = .allocate(capacity: Self.batch)
        unsafe events.initialize(repeating: Self.event([], 0))
    }

    deinit {
        _ = close(epoll)
        _ = close(wakeup)
        unsafe events.deallocate()
    }

    /// Makes `wait` return.
    func wake() {
        var one: UInt64 = 1
        // It fails only if the counter is full, and then the loop is awake anyway.
        _ = unsafe write(wakeup, &one, 8)
    }

    func add(_ descriptor: Int32, _ interest: Readiness, key: UInt64) throws(SystemError) {
        var event = unsafe Self.event(interest, key)
        guard unsafe epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event) == 0 else { throw .last("epoll_ctl add") }
    }

    func modify(_ descriptor: Int32, _ interest: Readiness, key: UInt64) {
        var event = unsafe Self.event(interest, key)
        let result = unsafe epoll_ctl(epoll, EPOLL_CTL_MOD, descriptor, &event)
        precondition(result == 0, "a registered descriptor was closed")
    }

    func remove(_ descriptor: Int32) {
        let result = epoll_ctl(epoll, EPOLL_CTL_DEL, descriptor, nil)
        precondition(result == 0, "a registered descriptor was closed")
    }

    private static func event(_ interest: Readiness, _ key: UInt64) -> epoll_event {
        var bits: UInt32 = 0
        if interest.contains(.read) { bits |= EPOLLIN.rawValue | EPOLLRDHUP.rawValue }
        if interest.contains(.write) { bits |= EPOLLOUT.rawValue }
        return unsafe epoll_event(events: bits, data: epoll_data_t(u64: key))
    }

    /// Waits for events or a wake-up, at most until the moment, and says how many events there are.
    func wait(until moment: MonotonicTime?) -> Int {
        let count = unsafe epoll_wait(
            epoll, events.baseAddress, Int32(Self.batch), Self.milliseconds(until: moment))
        guard count >= 0 else {
            precondition(errno == EINTR, "epoll_wait failed")
            return 0
        }
        return Int(count)
    }

    /// Rounds up: a timer that is looked at too early would make the loop spin.
    private static func milliseconds(until moment: MonotonicTime?) -> Int32 {
        guard let moment else { return -1 }
        let left = moment.nanoseconds.subtractingReportingOverflow(MonotonicTime.current().nanoseconds)
        if left.overflow { return Int32.max }
        return Int32(clamping: max(0, left.partialValue).addingReportingOverflow(999_999).partialValue / 1_000_000)
    }

    /// One of the events of the last `wait`; the wake-up's own has a key that no registration has.
    func event(_ index: Int) -> (key: UInt64, readiness: Readiness) {
        let key = unsafe events[index].data.u64
        let bits = unsafe events[index].events
        if key == Self.wakeupKey {
            var count: UInt64 = 0
            _ = unsafe read(wakeup, &count, 8)
            return (key, [])
        }
        var readiness: Readiness = []
        if bits & (EPOLLIN.rawValue | EPOLLRDHUP.rawValue) != 0 { readiness.insert(.read) }
        if bits & EPOLLOUT.rawValue != 0 { readiness.insert(.write) }
        if bits & (EPOLLHUP.rawValue | EPOLLERR.rawValue) != 0 { readiness.insert(.hangup) }
        return (key, readiness)
    }
}
