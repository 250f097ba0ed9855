import Foundation
import Testing

/// When `webhook-config/uninstall` goes and when it does not, by what a cluster shows it.
@Suite struct `Taking Sluice off` {
    /// Runs the script against a `kubectl` that answers its four questions, and writes down what it is to delete.
    private func uninstall(
        wanted: Int = 3, drain: String = "Idle", isAnswered: Bool = true, _ options: String...
    ) throws -> (outcome: Outcome, isDeleted: Bool) {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let kubectl = """
            #!/usr/bin/env bash
            case "$*" in
              "config current-context") echo test ;;
              delete*) echo "$*" >> '\(folder.file("deleted"))' ;;
              *customresourcedefinitions*) echo crd/that ;;
              *alluxioruntimes*) echo 'default/hbase \(wanted)' ;;
              *statefulsets*) echo 'default/hbase-worker 3' ;;
              *workerdrains*) echo 'default/hbase \(drain)'; \(isAnswered ? "true" : "exit 1") ;;
            esac
            """
        try Data(kubectl.utf8).write(to: URL(filePath: folder.file("kubectl")))
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder.file("kubectl"))
        let path = "\(folder.file("")):\(ProcessInfo.processInfo.environment["PATH"] ?? "")"
        let outcome = try Command(
            words: [Repository.path("webhook-config/uninstall")] + options, environment: ["PATH": path]
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
        #expect(try !uninstall(isAnswered: false).outcome.succeeded)
        #expect(try uninstall(wanted: 2, drain: "Removing", isAnswered: false, "--force").isDeleted)
    }
}
