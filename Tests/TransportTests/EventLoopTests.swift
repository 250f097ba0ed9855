import Glibc
import Synchronization
import Testing

@testable import Transport

@Suite(.timeLimit(.minutes(5)))
struct EventLoopTests {
    @Test func `jobs run in order on the loop's own thread`() async throws {
        let loop = try EventLoop(name: "test")
        try loop.start()
        #expect(!loop.isCurrent)
        let seen = Mutex<[Int]>([])
        await withCheckedContinuation { continuation in
            for number in 0..<100 {
                loop.execute {
                    seen.withLock { $0.append(loop.isCurrent ? number : -1) }
                    if number == 99 { continuation.resume() }
                }
            }
        }
        loop.stop()
        loop.join()
        #expect(seen.withLock { $0 } == Array(0..<100))
    }

    @Test func `timers fire in the order of their moments and not when cancelled`() async throws {
        let loop = try EventLoop(name: "test")
        try loop.start()
        let seen = Mutex<[String]>([])
        await withCheckedContinuation { continuation in
            loop.execute {
                loop.schedule(after: .milliseconds(20)) {
                    seen.withLock { $0.append("late") }
                    continuation.resume()
                }
                loop.schedule(after: .milliseconds(5)) { seen.withLock { $0.append("early") } }
                let never = loop.schedule(after: .milliseconds(1)) { seen.withLock { $0.append("never") } }
                loop.cancel(never)
                loop.cancel(never)
            }
        }
        loop.stop()
        loop.join()
        #expect(seen.withLock { $0 } == ["early", "late"])
    }

    @Test func `what waits for the end of a round runs once, behind all that is ready and before timers that are due`()
        async throws
    {
        let loop = try EventLoop(name: "test")
        try loop.start()
        let seen = Mutex<[String]>([])
        let ready = try [Descriptor(ready: ()), Descriptor(ready: ())]
        await withCheckedContinuation { continuation in
            loop.execute {
                for descriptor in ready {
                    let registration = Mutex<Registration?>(nil)
                    let made = try? loop.register(descriptor.number, interest: .read) { _ in
                        seen.withLock { $0.append("ready") }
                        registration.withLock { $0 }.map(loop.deregister)
                        loop.schedule(after: .zero) {
                            seen.withLock { $0.append("timer") }
                            if seen.withLock({ $0.count == 6 }) { continuation.resume() }
                        }
                        loop.atEndOfRound { seen.withLock { $0.append("end") } }
                    }
                    registration.withLock { $0 = made }
                }
            }
        }
        loop.stop()
        loop.join()
        #expect(seen.withLock { $0 } == ["ready", "ready", "end", "end", "timer", "timer"])
    }

    /// The end of a pipe that has something to read.
    private final class Descriptor: Sendable {
        let number: Int32
        private let other: Int32

        init(ready: Void) throws {
            var ends: [Int32] = [-1, -1]
            try #require(unsafe pipe(&ends) == 0)
            number = ends[0]
            other = ends[1]
            try #require(unsafe write(other, "x", 1) == 1)
        }

        deinit {
            _ = close(number)
            _ = close(other)
        }
    }

    @Test func `jobs handed in before the stop still run`() throws {
        let loop = try EventLoop(name: "test")
        let count = Mutex(0)
        for _ in 0..<10 { loop.execute { count.withLock { $0 += 1 } } }
        loop.stop()
        try loop.start()
        loop.join()
        #expect(count.withLock { $0 } == 10)
    }
}

struct TimerHeapTests {
    @Test func `timers come out sorted whatever the order they were added in`() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<50 {
            var heap = TimerHeap()
            var expected: [Int64] = []
            var seen: [Int64] = []
            let record = { (value: Int64) in seen.append(value) }
            for _ in 0..<200 {
                let moment = Int64.random(in: 0..<1000, using: &random)
                let token = heap.add(at: MonotonicTime(nanoseconds: moment)) { record(moment) }
                if Bool.random(using: &random) { heap.cancel(token) } else { expected.append(moment) }
            }
            for now in stride(from: Int64(0), through: 1000, by: 10) {
                while let action = heap.takeDue(MonotonicTime(nanoseconds: now)) { action() }
            }
            #expect(seen == expected.sorted())
            #expect(heap.liveCount == 0 && heap.entryCount == 0)
        }
    }

    @Test func `cancelled timers do not pile up`() {
        var heap = TimerHeap()
        for number in 0..<100_000 {
            let token = heap.add(at: MonotonicTime(nanoseconds: Int64(number))) {}
            heap.cancel(token)
            #expect(heap.entryCount <= 65)
        }
    }
}
