internal import Synchronization
public import Wire

/// JSON parsers that keep their memory from one request to the next; safe to use from any thread.
///
/// A parser serves one text at a time, so a request takes one for each text that it reads.
public final class ParserPool: Sendable {
    /// How many idle parsers are kept: more than there are loops makes no sense.
    private static let idleMax = 16

    private final class Idle {
        var parser: JSONParser

        init(_ parser: consuming JSONParser) {
            self.parser = parser
        }
    }

    private struct Pool: @unchecked Sendable {
        // An idle parser is reached only through the mutex, and leaves the pool before it is used.
        var idle: [Idle] = []
    }

    private let pool = Mutex(Pool())
    private let bytesMax: Int

    /// Makes an empty pool; `bytesMax` is the longest text that its parsers take.
    public init(bytesMax: Int) {
        self.bytesMax = bytesMax
    }

    /// Parses with an idle parser, or with a new one.
    public func withParser(_ body: (inout JSONParser) throws(JSONError) -> JSONValue) throws(JSONError) -> JSONValue {
        let held = pool.withLock { $0.idle.popLast().map(Handover.init) }?.idle ?? Idle(JSONParser(bytesMax: bytesMax))
        defer { keep(Handover(idle: held)) }
        return try body(&held.parser)
    }

    private struct Handover: @unchecked Sendable {
        // In one hand at a time: the pool's or the caller's.
        let idle: Idle
    }

    private func keep(_ handover: Handover) {
        pool.withLock { pool in
            if pool.idle.count < Self.idleMax { pool.idle.append(handover.idle) }
        }
    }
}
