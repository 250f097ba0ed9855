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
    private let longTexts = Mutex(())
    private let bytesMax: Int
    private let valuesMax: Int

    /// Makes an empty pool; `bytesMax` is the longest text that its parsers take, of at most `valuesMax` values.
    public init(bytesMax: Int, valuesMax: Int = JSONParser.defaultValuesMax) {
        self.bytesMax = bytesMax
        self.valuesMax = valuesMax
    }

    /// Parses a text and hands its root to `body`, which must keep nothing of it: facts only.
    ///
    /// A parsed text takes several times its length, so that of texts too long for an idle parser one is read at a time:
    /// the others wait, for as long as `body` takes.
    func withRoot<Result>(of text: [UInt8], _ body: (JSONValue) -> Result) throws(JSONError) -> Result {
        func read() throws(JSONError) -> Result {
            body(try withParser { parser throws(JSONError) in try parser.parse(text) })
        }
        guard text.count > JSONParser.retainedBytesMax else { return try read() }
        var result: Result?
        try longTexts.withLock { _ throws(JSONError) in result = try read() }
        guard let result else { throw JSONError(.memory, "no parser") }
        return result
    }

    /// Parses with an idle parser, or with a new one.
    public func withParser(_ body: (inout JSONParser) throws(JSONError) -> JSONValue) throws(JSONError) -> JSONValue {
        let held =
            pool.withLock { $0.idle.popLast().map(Handover.init) }?.idle
            ?? Idle(JSONParser(bytesMax: bytesMax, valuesMax: valuesMax))
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
