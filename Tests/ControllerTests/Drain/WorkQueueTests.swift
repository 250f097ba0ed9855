import Kubernetes
import Synchronization
import Testing

@testable import Controller
@testable import Simulation

@Suite struct `The work queue` {
    let first = ObjectKey(namespace: "a", name: "1")
    let second = ObjectKey(namespace: "a", name: "2")

    @Test func `a key is there once, at the earliest time, and never taken twice`() {
        let queue = WorkQueue()
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
        let queue = WorkQueue()
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

    @Test func `one sleeper wakes for what is due first, and one who wakes early leaves room for another`() {
        let queue = WorkQueue()
        queue.add(first, at: .seconds(9))
        #expect(queue.orderWake(.zero) == .seconds(9) && queue.orderWake(.zero) == nil)
        queue.add(second, at: .seconds(5))
        #expect(queue.orderWake(.zero) == .seconds(5) && queue.orderWake(.seconds(1)) == nil)
        let world = SimWorld(SimPlan(), seed: 1)
        let cluster = world.client()
        #expect(world.perform { await queue.wake(at: .seconds(5), on: cluster) } != nil)
        world.end()
        #expect(queue.orderWake(.seconds(4)) == .seconds(5))
        #expect(queue.orderWake(.seconds(6)) == .seconds(9), "nobody sleeps whose time has passed, nor for what is due")
        queue.clear()
        #expect(queue.orderWake(.zero) == nil)
    }

    @Test func `every change rings`() {
        let rings = Mutex(0)
        let queue = WorkQueue { rings.withLock { $0 += 1 } }
        queue.add(first, at: .zero)
        _ = queue.take(now: .zero, limit: 1)
        queue.finish(first, now: .zero, againAfter: nil)
        #expect(rings.withLock { $0 } == 2)
    }
}
