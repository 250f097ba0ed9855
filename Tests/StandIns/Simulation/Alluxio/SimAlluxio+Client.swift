import Kubernetes

extension SimAlluxio {
    /// Runs a command; `finish` gets what it said when it ends, which may be never.
    func run(_ arguments: [String], by user: SimUser, finish: @escaping (SimSaid) -> Void) {
        guard let call = SimClientCall(arguments) else {
            return finish(.failed("", exit: 127, errors: "executable file not found in $PATH"))
        }
        commandsRunning += 1
        var isOver = false
        let end: (SimSaid) -> Void = { [self] said in
            guard !isOver else { return }
            isOver = true
            commandsRunning -= 1
            finish(said)
        }
        if let limit = call.limitSeconds {
            world.after(.seconds(limit)) { end(SimSaid(exit: 124)) }
        }
        // A JVM starts, and shares two cores with the others.
        let load = Int64(max(1, commandsRunning / 2))
        world.after(random.between(.milliseconds(900), .milliseconds(1_800)) * load) { [self] in
            guard !isOver else { return }
            guard isMasterUp else {
                world.after(.seconds(call.program == "fs" ? 5 : 1)) { [self] in end(noMaster(call)) }
                return
            }
            carryOut(call, by: user, end)
        }
    }

    /// What the client says where no master answers.
    func noMaster(_ call: SimClientCall) -> SimSaid {
        if call.program == "fsadmin", call.command == "report" {
            return .failed("Cannot connect to Alluxio leader master.")
        }
        let host = "\(runtime.name)-master-0:19998"
        return .failed(
            "Failed to connect to master (\(host)) after 9 attempts."
                + "Please check if Alluxio master is currently running on \"\(host)\". Service=\"FileSystemMasterClient\""
        )
    }

    private func carryOut(_ call: SimClientCall, by user: SimUser, _ end: @escaping (SimSaid) -> Void) {
        switch (call.program, call.command) {
        case ("fs", "free"): free(call, by: user, end)
        case ("fs", "pin"), ("fs", "unpin"): end(pin(call))
        case ("fs", "freeWorker") where hasWorkerCommands:
            end(.failed("Worker \(call.arguments.first ?? "") is not found in Alluxio."))
        case ("fs", "ls"): end(list(call))
        case ("fsadmin", "report"): end(report(call))
        case ("fsadmin", "decommissionWorker") where hasWorkerCommands: decommission(call, end)
        case ("fsadmin", "enableWorker") where hasWorkerCommands: end(enable(call))
        case ("fs", let command), ("fsadmin", let command):
            end(
                .failed(
                    "Usage: alluxio \(call.program) [generic options]\n\t [cat <path>]",
                    errors: "\(command) is an unknown command.\n"))
        default: end(.failed("Unsupported command \(call.program)", exit: 1))
        }
    }

    /// Since 2.9.4 there are commands for one worker.
    var hasWorkerCommands: Bool { runtime.plan.version == "2.9.6" }

    private func free(_ call: SimClientCall, by user: SimUser, _ end: @escaping (SimSaid) -> Void) {
        guard let path = call.arguments.first else {
            return end(.failed("Command free requires at least 1 arguments (0 provided)\nUsage: free [-f] <path>"))
        }
        switch free(path, isForced: call.has("-f")) {
        case .absent: end(.failed("Path \"\(path)\" does not exist."))
        case .notPersisted(let file): end(.failed("Cannot free file \(file.path) which is not persisted"))
        case .pinned(let file):
            end(
                .failed(
                    "Cannot free file \(file.path) which is pinned. Please unpin it first or set the \"forced\" flag of free operation to true"
                ))
        case nil:
            guard let file = file(path) else {
                return end(.ok("\(path) was successfully freed from Alluxio space."))
            }
            let registered = Set(registrations.filter { $0.state == .live }.map(\.id))
            waitUntilGone(file, until: now + .seconds(10), call.has("-f")) { [self] isGone in
                freedByName[path] = Freed(at: now, masterStartedAt: masterStartedAt, registrations: registered)
                end(isGone ? .ok("\(path) was successfully freed from Alluxio space.") : Self.stillHeld)
            }
        }
    }

    private static let stillHeld = SimSaid.failed(
        "java.util.concurrent.TimeoutException: Timed out waiting for file to be freed. Another user may be loading it. "
            + "options: WaitForOptions{interval=1000, timeout=10000} last value: false")

    /// Polls each second until nobody holds the file, and frees it again each time.
    private func waitUntilGone(_ file: SimFile, until end: Int64, _ isForced: Bool, _ finish: @escaping (Bool) -> Void)
    {
        guard isHeld(file) else { return finish(true) }
        guard now < end else { return finish(false) }
        world.after(.seconds(1)) { [self] in
            if isHeld(file) { _ = free(file.path, isForced: isForced) }
            waitUntilGone(file, until: end, isForced, finish)
        }
    }

    private func pin(_ call: SimClientCall) -> SimSaid {
        let path = call.arguments.first ?? ""
        guard let file = file(path) else { return .failed("Path \"\(path)\" does not exist.") }
        file.isPinned = call.command == "pin"
        return .ok("File '\(path)' was successfully \(call.command)ned.")
    }

    private func list(_ call: SimClientCall) -> SimSaid {
        let path = call.arguments.first ?? "/"
        let lines = files.filter { $0.isBelow(path) }.map { file in
            let share = isHeld(file) ? "100%" : "0%"
            return "-rw-r--r-- root root \(file.blockBytes * Int64(file.blocks.count)) \(file.persistence.rawValue) "
                + "11-26-2026 00:00:00:000 \(share) \(file.path)"
        }
        return .ok(lines.joined(separator: "\n"))
    }
}
