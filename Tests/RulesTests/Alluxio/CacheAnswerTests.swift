import Rules
import Testing

@Suite struct `What a free says` {
    static let pinned = " which is pinned. Please unpin it first or set the \"forced\" flag of free operation to true"
    static let timedOut =
        "java.util.concurrent.TimeoutException: Timed out waiting for file to be freed. Another user may be loading it. "
        + "options: WaitForOptions{interval=1000, timeout=10000} last value: false"

    @Test func `every known text has its meaning`() {
        let path = AlluxioPath("/data")
        let table: [(CommandOutput, CacheAnswer)] = [
            (CommandOutput(exit: 0, "/data was successfully freed from Alluxio space.\n"), .done),
            (CommandOutput(exit: 0, "Warning: x\n/data was successfully freed from Alluxio space.\n"), .done),
            (CommandOutput(exit: 0, ""), .failed("it said nothing")),
            (
                CommandOutput(exit: 0, "/dat was successfully freed from Alluxio space.\n"),
                .failed("/dat was successfully freed from Alluxio space.")
            ),
            (CommandOutput(exit: 255, "Path \"/data\" does not exist.\n"), .absent),
            (CommandOutput(exit: 255, "/data does not exist.\n"), .absent),
            // The client took the path for another one: that says nothing of ours.
            (CommandOutput(exit: 255, "Path \"/d????\" does not exist.\n"), .failed("Path \"/d????\" does not exist.")),
            (
                CommandOutput(exit: 255, "Cannot free file /data/x y which is not persisted\n"),
                .notPersisted("/data/x y")
            ),
            (
                CommandOutput(exit: 255, "Cannot free file /data/a\nb which is not persisted\n"),
                .notPersisted("/data/a\nb")
            ),
            (CommandOutput(exit: 255, "Cannot free file /data/x\(Self.pinned)\n"), .pinned("/data/x")),
            (CommandOutput(exit: 255, Self.timedOut + "\n"), .stillHeld),
            (
                CommandOutput(
                    exit: 255, "Usage: alluxio fs [generic options]\n", standardError: "free is an unknown command.\n"),
                .unsupported("free is an unknown command.")
            ),
            (
                CommandOutput(exit: 255, "Failed to connect to master (m:19998) after 9 attempts.Please check\n"),
                .noMaster("Failed to connect to master (m:19998) after 9 attempts.Please check")
            ),
            (
                CommandOutput(exit: 255, "Failed to determine address for FileSystemMasterClient after 9 attempts\n"),
                .noMaster("Failed to determine address for FileSystemMasterClient after 9 attempts")
            ),
            (
                CommandOutput(exit: 1, "Error: Alluxio requires Java 8 or Java 11, currently Java 17 found.\n"),
                .failed("Error: Alluxio requires Java 8 or Java 11, currently Java 17 found.")
            ),
            (CommandOutput(exit: 124), .unknown("ended by a signal or a time limit, exit status 124")),
            (
                CommandOutput(ending: .gaveUp, standardOutput: "/data was successfully freed from Alluxio space.\n"),
                .unknown("no answer in time")
            ),
            (CommandOutput(ending: .cut("reset")), .unknown("reset")),
            (CommandOutput(ending: .notStarted("no container")), .failed("no container")),
        ]
        for (output, answer) in table {
            #expect(CacheAnswer(free: output, of: path) == answer, "\(output)")
        }
    }

    @Test(arguments: ["alluxio-2.9.0.txt", "alluxio-2.9.6.txt"])
    func `every recorded free is understood`(name: String) throws {
        var seen = 0
        for call in try Transcript(name).calls where call.command.hasPrefix("alluxio fs free ") {
            let words = call.command.split(separator: " ").map(String.init).filter { $0 != "-f" }
            let path = AlluxioPath(words[3])
            guard path.isPassable, path.text.hasPrefix("/") else {
                continue
            }
            seen += 1
            let answer = CacheAnswer(free: call.output, of: path)
            switch call.output.ending {
            case .exited(0): #expect(answer == .done, "\(call)")
            default:
                let known: Bool =
                    switch answer {
                    case .absent, .pinned, .notPersisted, .noMaster: true
                    default: false
                    }
                #expect(known, "\(call) \(answer)")
            }
        }
        #expect(seen >= 5)
    }

    @Test func `the recorded decommissions and what they mean`() throws {
        let table: [(String, String, [CacheAnswer])] = [
            ("alluxio-2.9.0.txt", "decommissionWorker", [.unsupported("decommissionWorker is an unknown command.")]),
            ("alluxio-2.9.6.txt", "decommissionWorker -a 127.0.1.9", [.absent]),
            ("alluxio-2.9.6.txt", "decommissionWorker -a 127.0.1.1", [.done, .absent]),
            ("alluxio-2.9.6.txt", "enableWorker", [.done]),
        ]
        for (name, part, answers) in table {
            let calls = try Transcript(name).calls.filter { $0.command.contains(part) }
            #expect(calls.map { CacheAnswer(service: $0.output) } == answers, "\(name) \(part)")
        }
        #expect(
            CacheAnswer(service: CommandOutput(exit: 124))
                == .unknown("ended by a signal or a time limit, exit status 124"))
        // The web port could not be polled, but the master has done it: the report says so.
        #expect(
            CacheAnswer(service: CommandOutput(exit: 10, "", standardError: "Failed to poll progress: x\n")) == .done)
        #expect(
            CacheAnswer(service: CommandOutput(exit: 1, "Failed to decommission all workers.\n"))
                == .failed("Failed to decommission all workers."))
    }
}
