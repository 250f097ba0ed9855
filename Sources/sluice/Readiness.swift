internal import Synchronization

/// Whether this process should get traffic: each part that can speak against it is asked anew.
final class Readiness: Sendable {
    /// Why a part is not ready; nil if it is.
    typealias Check = @Sendable () -> String?

    private struct State {
        var checks: [Check] = []
        var notes: [@Sendable () -> [String]] = []
        var isShuttingDown = false
    }

    private let state = Mutex(State())

    /// Adds a part; the reasons are told in the order of the parts.
    func add(_ check: @escaping Check) {
        state.withLock { $0.checks.append(check) }
    }

    /// Adds what is worth a word while the process is ready all the same.
    func addNote(_ note: @escaping @Sendable () -> [String]) {
        state.withLock { $0.notes.append(note) }
    }

    /// What is worth a word, at most some lines of it.
    var remarks: [String] {
        let notes = state.withLock { $0.notes }
        return Array(notes.flatMap { $0() }.prefix(20))
    }

    /// From now on the process is not ready, whatever its parts say.
    func shutDown() {
        state.withLock { $0.isShuttingDown = true }
    }

    /// Everything that speaks against being ready; empty if nothing does.
    var reasonsAgainst: [String] {
        let state = state.withLock { $0 }
        return state.isShuttingDown ? ["shutting down"] : state.checks.compactMap { $0() }
    }
}
