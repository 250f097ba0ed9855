import Controller
import Kubernetes
import Synchronization
import Testing

@Suite struct `The work queue` {
    let first = ObjectKey(namespace: "a", name: "1")
    let second = ObjectKey(namespace: "a", name: "2")

    @Test func `a key is there once, at the earliest time, and never taken twice`() {
        let queue = WorkQueue(seed: 1)
        queue.add(first, at: .seconds(5))
        queue.add(first, at: .seconds(2))
        queue.add(first, at: .seconds(9))
        queue.add(second, at: .seconds(1))
        #expect(queue.count == 2 && queue.nextDue == .seconds(1))
        #expect(queue.take(now: .seconds(3), limit: 1) == [second])
        #expect(queue.take(now: .seconds(3), limit: 5) == [first])
        #expect(queue.take(now: .seconds(99), limit: 5).isEmpty && queue.workingCount == 2)
    }

    @Test func `what is added while it is worked on is due again at once`() {
        let queue = WorkQueue(seed: 1)
        queue.add(first, at: .zero)
        #expect(queue.take(now: .zero, limit: 1) == [first])
        queue.add(first, at: .seconds(50))
        queue.add(first, at: .seconds(60))
        #expect(queue.take(now: .seconds(99), limit: 1).isEmpty)
        queue.finish(first, now: .seconds(3), againAfter: .seconds(1000))
        #expect(queue.nextDue == .seconds(3))
        #expect(queue.take(now: .seconds(3), limit: 1) == [first])
        queue.finish(first, now: .seconds(4), againAfter: nil)
        #expect(queue.nextDue == nil && queue.count == 0)
    }

    @Test func `failures back off with jitter, up to a limit, and success forgets them`() {
        let queue = WorkQueue(seed: 7)
        var now = Duration.zero
        var delays: [Duration] = []
        queue.add(first, at: now)
        for _ in 0..<12 {
            #expect(queue.take(now: now, limit: 1) == [first])
            queue.add(first, at: now)
            queue.fail(first, now: now)
            delays.append((queue.nextDue ?? .zero) - now)
            now = queue.nextDue ?? now
        }
        #expect(delays[0] <= .milliseconds(500) && delays[0] >= .milliseconds(250))
        #expect(delays[11] <= .seconds(30) && delays[11] >= .seconds(15))
        #expect(Set(delays).count == delays.count)
        _ = queue.take(now: now, limit: 1)
        queue.finish(first, now: now, againAfter: .zero)
        _ = queue.take(now: now, limit: 1)
        queue.fail(first, now: now)
        #expect((queue.nextDue ?? .zero) - now <= .milliseconds(500))
    }

    @Test func `every change rings`() {
        let rings = Mutex(0)
        let queue = WorkQueue(seed: 1) { rings.withLock { $0 += 1 } }
        queue.add(first, at: .zero)
        _ = queue.take(now: .zero, limit: 1)
        queue.finish(first, now: .zero, againAfter: nil)
        #expect(rings.withLock { $0 } == 2)
    }
}
