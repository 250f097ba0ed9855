import Foundation

/// What these tests leave on the machine while they run, all of it in one folder.
///
/// A process beside them removes it when they end, whatever ends them.
enum Leftovers {
    /// The folder, made at the first call.
    static let base = Result<String, any Error> {
        let path = NSTemporaryDirectory() + "sluice-tests-\(UUID().uuidString.lowercased())"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        let me = String(ProcessInfo.processInfo.processIdentifier)
        _ = try Child(
            [
                "setsid", "bash", "-c",
                """
                tail --pid="$1" -s 0.2 -f /dev/null
                for cluster in cluster loop; do Tests/Cluster/cluster down "$2/$cluster"; done
                rm -rf "$2"
                """, "leftovers", me, path,
            ], environment: [:], input: "/dev/null", output: "/dev/null", errors: "/dev/null")
        // Where it ends as it should, it waits for that.
        atexit { Leftovers.waitForCluster() }
        return path
    }

    /// Where the cluster is.
    static func cluster() throws -> String { try base.get() + "/cluster" }
    /// Where the cluster with a node is.
    static func loop() throws -> String { try base.get() + "/loop" }

    private static func waitForCluster() {
        for path in [try? cluster(), try? loop()].compactMap(\.self) where FileManager.default.fileExists(atPath: path)
        {
            _ = try? Command(words: ["Tests/Cluster/cluster", "down", path], limitSeconds: 120).run()
        }
    }
}
