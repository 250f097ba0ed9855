import Foundation
import Testing

/// Whether a cluster can be had on this machine.
enum Availability {
    /// Why not; nil if it can.
    static let problem: String? = {
        do {
            let asked = try Command(words: [Repository.path("Tests/Cluster/cluster"), "available"], limitSeconds: 120)
                .run()
            return asked.succeeded ? nil : asked.text.trimmingCharacters(in: .whitespacesAndNewlines)
        } catch {
            return "\(error)"
        }
    }()

    /// Whether tests that need a cluster run.
    ///
    /// They don't where there can be none, which is said aloud; with
    /// SLUICE_SKIP=fail they run, and fail for want of it.
    static func check() -> Bool {
        guard let problem else { return true }
        _ = announced
        _ = problem
        return ProcessInfo.processInfo.environment["SLUICE_SKIP"] == "fail"
    }

    /// Whether tests that need a node with pods run: likewise.
    static func checkNode() -> Bool {
        if let nodeProblem { FileHandle.standardError.write(Data("SKIPPED: the loop: \(nodeProblem)\n".utf8)) }
        return nodeProblem == nil || ProcessInfo.processInfo.environment["SLUICE_SKIP"] == "fail"
    }

    private static let nodeProblem: String? = {
        do {
            let words = [Repository.path("Tests/Cluster/cluster"), "available", "--node"]
            let asked = try Command(words: words, limitSeconds: 120).run()
            return asked.succeeded ? nil : asked.text.trimmingCharacters(in: .whitespacesAndNewlines)
        } catch {
            return "\(error)"
        }
    }()

    private static let announced: Void = {
        let line = "SKIPPED: the end-to-end tests: \(problem ?? "")\n"
        FileHandle.standardError.write(Data(line.utf8))
    }()
}
