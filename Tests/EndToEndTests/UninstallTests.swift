import Foundation
import Testing

/// When `webhook-config/uninstall` goes and when it does not, by what a cluster shows it.
@Suite struct `Taking Sluice off` {
    /// Runs the script against a `kubectl` that answers its questions, and writes down what it is to delete.
    private func uninstall(
        wanted: Int = 3, drain: String? = "Idle", _ options: String...
    ) throws -> (outcome: Outcome, isDeleted: Bool) {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        let outcome = try Command(
            words: [Repository.path("webhook-config/uninstall")] + options,
            environment: [
                "PATH": "\(Repository.path("Tests/StandIns/kubectl")):\(path)", "WANTED": "\(wanted)",
                "DRAIN": drain ?? "", "DELETED": folder.file("deleted"),
            ]
        ).run()
        return (outcome, FileManager.default.fileExists(atPath: folder.file("deleted")))
    }

    @Test func `goes on where nothing is left to do`() throws {
        #expect(try uninstall("--check").outcome.succeeded)
        #expect(try !uninstall("--check").isDeleted)
        let (outcome, isDeleted) = try uninstall()
        #expect(outcome.succeeded && isDeleted, "\(outcome)")
    }

    @Test func `refuses while workers are held, and says how to write the count back`() throws {
        let (outcome, isDeleted) = try uninstall(wanted: 2)
        #expect(!outcome.succeeded && !isDeleted)
        #expect("\(outcome)".contains("hbase --type=merge -p '{\"spec\":{\"replicas\":3}}'"), "\(outcome)")
    }

    @Test func `refuses while a drain is not over, whose labels nobody would put back`() throws {
        let (outcome, isDeleted) = try uninstall(drain: "CoolingDown")
        #expect(!outcome.succeeded && !isDeleted)
        #expect("\(outcome)".contains("default/hbase: CoolingDown"), "\(outcome)")
    }

    @Test func `refuses where nobody can say, and does not look with --force`() throws {
        let (unknown, _) = try uninstall(drain: nil)
        #expect(unknown.status == 1 && unknown.errors.contains("can't be told"), "\(unknown)")
        #expect(try uninstall(wanted: 2, drain: nil, "--force").isDeleted)
    }
}
