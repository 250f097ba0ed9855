import Foundation
import Synchronization

/// A process that was started, until somebody has waited for its end.
///
/// Not Foundation's `Process`, which takes a child for running as long as anything that the child left in the
/// background is.
final class Child: Sendable {
    /// How a process ended.
    enum End: Sendable, Equatable {
        case exited(Int32)
        case signalled(Int32)
    }

    let identifier: pid_t
    private let ended = Mutex<End?>(nil)

    /// Starts a program with these words, in the repository's root, with files for its input and its outputs.
    init(_ words: [String], environment: [String: String], input: String, output: String, errors: String) throws {
        let variables = ProcessInfo.processInfo.environment.merging(environment) { $1 }.map { "\($0.key)=\($0.value)" }
        let flags = O_WRONLY | O_CREAT | O_APPEND
        var identifier: pid_t = 0
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_addopen(&actions, 0, input, O_RDONLY, 0)
        unsafe posix_spawn_file_actions_addopen(&actions, 1, output, flags, 0o600)
        unsafe posix_spawn_file_actions_addopen(&actions, 2, errors, flags, 0o600)
        // The threads that tests run on block all signals, which a child would inherit.
        var attributes = posix_spawnattr_t()
        unsafe posix_spawnattr_init(&attributes)
        defer { unsafe posix_spawnattr_destroy(&attributes) }
        var nothing = sigset_t()
        unsafe sigemptyset(&nothing)
        unsafe posix_spawnattr_setsigmask(&attributes, &nothing)
        unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        let all = ["/usr/bin/env", "-C", Repository.root.path] + words
        var pointers = unsafe all.map { unsafe strdup($0) } + [nil]
        var surroundings = unsafe variables.map { unsafe strdup($0) } + [nil]
        defer { unsafe (pointers + surroundings).forEach { unsafe free($0) } }
        let error = unsafe posix_spawn(&identifier, "/usr/bin/env", &actions, &attributes, &pointers, &surroundings)
        guard error == 0 else { throw Trouble("can't start \(words): error \(error)") }
        self.identifier = identifier
    }

    /// How it ended; nil while it runs.
    var end: End? {
        ended.withLock { ended in
            if ended == nil { ended = look(WNOHANG) }
            return ended
        }
    }

    /// Waits for its end, and blocks the thread until then.
    func wait() -> End {
        while true {
            if let end { return end }
            usleep(2000)
        }
    }

    func kill(_ signal: Int32) {
        ended.withLock { ended in
            // Nobody has waited for it yet, so the number is still its own.
            if ended == nil { _ = Foundation.kill(identifier, signal) }
        }
    }

    private func look(_ options: Int32) -> End? {
        var status: Int32 = 0
        guard unsafe waitpid(identifier, &status, options) == identifier else { return nil }
        let signal = status & 0x7F
        return signal == 0 ? .exited((status >> 8) & 0xFF) : .signalled(signal)
    }
}
