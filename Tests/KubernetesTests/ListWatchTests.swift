import Testing
import Wire

@testable import Kubernetes

/// An API server that leads in circles: each way back must take longer and longer.
@Suite struct ListWatchTests {
    private func machine() -> ListWatch { ListWatch(resources: [.alluxioRuntimes], seed: 1) }

    private func page(_ count: Int = 1, next: String? = nil) throws -> ListPage {
        let items = Array(repeating: "{}", count: count).joined(separator: ",")
        let token = next.map { ",\"continue\":\"\($0)\"" } ?? ""
        var parser = JSONParser()
        return try ListPage(
            parser.parse(Array("{\"metadata\":{\"resourceVersion\":\"7\"\(token)},\"items\":[\(items)]}".utf8)))
    }

    private let bookmark = WatchEvent.bookmark(resourceVersion: "8")

    /// Runs rounds of list, watch and what `watch` makes of it; gives how long was waited in all.
    private func waited(rounds: Int, _ watch: (inout ListWatch) throws -> Void) throws -> Duration {
        var machine = machine()
        var waited = Duration.zero
        var watches = 0
        while watches < rounds {
            switch machine.next() {
            case .wait(let delay):
                waited += delay
                machine.waited()
            case .list: _ = try machine.listed(page())
            case .watch:
                watches += 1
                try watch(&machine)
            }
        }
        return waited
    }

    @Test func `versions that are always too old are asked for ever more slowly`() throws {
        #expect(try waited(rounds: 20) { $0.watchFailed(status(410)) } > .seconds(120))
        let afterBookmarks = try waited(rounds: 20) {
            $0.received(bookmark)
            $0.watchFailed(status(410))
        }
        #expect(afterBookmarks > .seconds(120))
        let afterChanges = try waited(rounds: 20) {
            $0.received(.updated(try object()))
            $0.watchFailed(status(410, "Expired"))
        }
        #expect(afterChanges > .seconds(120))
        #expect(try waited(rounds: 20) { $0.watchFailed(status(404)) } > .seconds(120))
    }

    @Test func `watches that end at once are opened ever more slowly, whatever they bring`() throws {
        let withBookmarks = try waited(rounds: 20) {
            $0.received(bookmark)
            $0.watchEnded(after: .milliseconds(1))
        }
        #expect(withBookmarks > .seconds(120))
        let withChanges = try waited(rounds: 30) {
            $0.received(.updated(try object()))
            $0.watchEnded(after: .milliseconds(1))
        }
        #expect(withChanges > .seconds(120))
        // A few short watches with changes are sound; a bookmark is no change.
        for (event, isSound) in [(bookmark, false), (.updated(try object()), true)] {
            let first = try waited(rounds: 2) {
                $0.received(event)
                $0.watchEnded(after: .milliseconds(1))
            }
            #expect((first == .zero) == isSound)
        }
    }

    @Test func `watches that live on cost no delay, and after them a failure is a first one`() throws {
        #expect(try waited(rounds: 50) { $0.watchEnded(after: .seconds(240)) } == .zero)
        let mixed = try waited(rounds: 50) {
            $0.watchFailed(.transport("reset"), after: .seconds(240))
        }
        #expect(mixed < .seconds(50))
        #expect(try waited(rounds: 50) { $0.watchFailed(status(410), after: .seconds(240)) } == .zero)
    }

    @Test func `a list whose pages expire again and again is read ever more slowly`() throws {
        var machine = machine()
        var waited = Duration.zero
        for _ in 0..<40 {
            switch machine.next() {
            case .wait(let delay):
                waited += delay
                machine.waited()
            case .list(_, isFirstPage: true): _ = try machine.listed(page(next: "a"))
            case .list: _ = machine.listFailed(status(410))
            case .watch: Issue.record("nothing is listed yet")
            }
        }
        #expect(waited > .seconds(120))
    }

    @Test func `a list that does not end is given up`() throws {
        var machine = machine()
        _ = machine.next()
        try machine.check(page(200, next: "a"))
        _ = try machine.listed(page(200, next: "a"))
        #expect(throws: ClusterError.self, "the same page again") { try machine.check(page(200, next: "a")) }
        #expect(throws: ClusterError.self, "a page with nothing on it") { try machine.check(page(0, next: "b")) }
        try machine.check(page(200))
        var pages = 1
        while pages < 100_000, (try? machine.check(page(200, next: "p\(pages)"))) != nil {
            _ = try machine.listed(page(200, next: "p\(pages)"))
            pages += 1
        }
        #expect(pages == 500)
        // And the next list may be as long again.
        _ = machine.listFailed(.unreadable("no end"))
        machine.waited()
        try machine.check(page(200, next: "a"))
    }

    @Test func `a Retry-After of years is a minute`() throws {
        var machine = machine()
        let far = APIStatus(APIResponse(status: 429, body: [], retryAfterSeconds: 999_999_999))
        _ = machine.listFailed(.status(far))
        guard case .wait(let delay) = machine.next() else {
            Issue.record("no delay")
            return
        }
        #expect(delay == .seconds(60))
    }

    private func object() throws -> JSONValue {
        var parser = JSONParser()
        return try parser.parse(Array(#"{"metadata":{"name":"a","resourceVersion":"9"}}"#.utf8))
    }
}
