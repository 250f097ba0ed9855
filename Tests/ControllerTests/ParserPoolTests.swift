import Glibc
import Synchronization
import Testing
import Wire

@testable import Controller

@Suite struct `Parsers for requests` {
    private final class Readers: Sendable {
        let inside = Atomic<Int>(0)
        let most = Atomic<Int>(0)

        func read() {
            let count = inside.add(1, ordering: .relaxed).newValue
            _ = most.max(count, ordering: .relaxed)
            // Time for others to come in, if they can.
            for _ in 0..<100 where most.load(ordering: .relaxed) == 1 { sched_yield() }
            inside.subtract(1, ordering: .relaxed)
        }
    }

    /// How many of these texts are looked at side by side by four threads, at most.
    private func mostAtOnce(_ text: [UInt8]) async -> Int {
        let pool = ParserPool(bytesMax: 1 << 20)
        let readers = Readers()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    // A text that can't be read would leave nobody inside, which is told below.
                    for _ in 0..<50 { try? pool.withRoot(of: text) { _ in readers.read() } }
                }
            }
        }
        return readers.most.load(ordering: .relaxed)
    }

    @Test func `read one long text at a time`() async {
        let long = Array("\"\(String(repeating: "a", count: JSONParser.retainedBytesMax))\"".utf8)
        #expect(await mostAtOnce(long) == 1)
    }
}
