import Kubernetes
import Rules
import Synchronization
import Testing
import Wire
import WorstCases

@testable import Controller

/// Reviews that somebody made large in one place. Work is counted in steps, since a clock would not be repeatable.
#if DEBUG
    @Suite struct `Large reviews` {
        /// Four times the bytes must not cost more than this times the steps: linear, with room for what is rounded and for
        /// names that meet in a table (what is quadratic costs 16 times as many).
        private static let growthMax = 6.0
        private static let bytes = 24_000

        private static func store() -> Store {
            let store = Store()
            for kind in StoredKind.allCases { store.clear(kind) }
            var runtime = AlluxioRuntime(meta: ObjectMeta(name: "hbase", namespace: "default", uid: "u"))
            runtime.disablePrometheus = true
            store.update(.runtime(runtime), kind: .runtimes)
            return store
        }

        /// Sends a case of this size; counts its steps, and returns the answer and the lines of the log.
        private func send(
            _ sample: WorstCase, bytes: Int, store: Store = store()
        ) throws -> (steps: Int, held: Int, answer: AdmissionAnswer, lines: [LogRecord]) {
            let bench = Bench(store: store)
            let request = HTTPRequest(
                method: "POST", target: sample.path, headers: [HTTPField("content-type", "application/json")],
                body: sample.body(bytes: bytes))
            var answer: AdmissionAnswer?
            let count = JSONSteps.count { answer = bench.handler.answer(request) }
            return (count.steps, count.heldDocuments, try #require(answer), bench.lines.all.withLock { $0 })
        }

        @Test(arguments: WorstCase.all)
        func `take time by their length`(sample: WorstCase) throws {
            let once = try send(sample, bytes: Self.bytes).steps
            let more = try send(sample, bytes: 4 * Self.bytes).steps
            #expect(Double(more) <= Self.growthMax * Double(max(once, 1000)), "\(sample.name): \(once), \(more)")
            // And not too many times over: looking up a name means reading an object once.
            #expect(more <= 40 * 4 * Self.bytes, "\(sample.name): \(more)")
        }

        @Test(arguments: WorstCase.all)
        func `get a short answer, and a short line in the log`(sample: WorstCase) throws {
            let sent = try send(sample, bytes: 400_000)
            guard case .response(let response) = sent.answer else { return }
            #expect(response.body.count <= 64 << 10, "\(sample.name): \(response.body.count)")
            var line: [UInt8] = []
            for record in sent.lines { record.writeJSON(time: "", to: &line) }
            #expect(line.count <= 64 << 10, "\(sample.name): \(line.count)")
            #expect(!line.contains { $0 == 0x1B || $0 == 0x7F })
        }

        @Test(arguments: WorstCase.all)
        func `leave little behind while they wait for a live read`(sample: WorstCase) throws {
            // Nothing is known of the cluster's runtimes, so that whatever can wait does.
            let sent = try send(sample, bytes: 1_000_000, store: Store())
            guard case .liveRead(_, let finish) = sent.answer else { return }
            // An idle parser stays in its pool; none of these reviews is short enough for one.
            #expect(sent.held == 0, "\(sample.name) keeps a parsed text")
            #expect(finish(.failure(.timeout)).body.count <= 64 << 10)
        }

        @Test func `are refused unparsed where they have more than a million values`() throws {
            let bench = Bench(store: nil)
            let body = Array(("[0" + String(repeating: ",0", count: 1_000_000) + "]").utf8)
            let answer = bench.handler.answer(
                HTTPRequest(
                    method: "POST", target: "/validate", headers: [HTTPField("content-type", "application/json")],
                    body: body))
            guard case .response(let response) = answer else {
                Issue.record("no answer")
                return
            }
            #expect(String(decoding: response.body, as: UTF8.self).contains("too many values"))
        }

        @Test(arguments: WorstCase.all)
        func `come down to few facts`(sample: WorstCase) throws {
            var parser = JSONParser()
            // What is no JSON at all has no facts.
            guard let root = try? parser.parse(sample.body(bytes: 800_000)), let object = root["request"]?["object"]
            else {
                return
            }
            let applied = LastApplied(of: object, parsers: ParserPool(bytesMax: LastApplied.bytesMax))
            var runtime = RuntimeFacts(object, namespace: "", lastApplied: applied)
            // Levels are never kept for longer than it takes to judge them.
            let levels = runtime.tierLevels.map(size)
            #expect(levels.count <= RuntimeFacts.tierLevelsMax && levels.max() ?? 0 <= 5 * 17 << 10, "\(sample.name)")
            runtime.tierLevels = []
            #expect(size(of: runtime) <= 512 << 10, "\(sample.name): \(size(of: runtime))")
            let scaled = ScaledObjectFacts(object, namespace: "")
            #expect(size(of: scaled) <= 64 << 10, "\(sample.name): \(size(of: scaled))")
            if let autoscaler = HPAFacts(object, namespace: "") {
                #expect(size(of: autoscaler) <= 64 << 10, "\(sample.name): \(size(of: autoscaler))")
            }
        }

        /// The bytes of all texts below a value.
        private func size(of value: Any) -> Int {
            if let text = value as? String { return text.utf8.count }
            return Mirror(reflecting: value).children.reduce(8) { $0 + size(of: $1.value) }
        }
    }
#endif
