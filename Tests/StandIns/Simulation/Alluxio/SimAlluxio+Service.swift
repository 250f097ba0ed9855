extension SimAlluxio {
    private func host(_ call: SimClientCall) -> (host: String, port: String) {
        let address = call.arguments.first ?? ""
        guard let colon = address.lastIndex(of: ":") else { return (address, "30000") }
        return (String(address[..<colon]), String(address[address.index(after: colon)...]))
    }

    /// `fsadmin decommissionWorker`: the master forgets the worker, then the client polls it until it is quiet.
    func decommission(_ call: SimClientCall, _ end: @escaping (SimSaid) -> Void) {
        let (host, port) = host(call)
        guard let registration = registrations.first(where: { $0.worker.host == host && $0.state == .live }) else {
            let known = registrations.filter { $0.state == .live }.map { "\($0.worker.host):\($0.worker.pod.webPort)" }
            return end(
                .failed(
                    "Decommissioning worker \(host):\(port)\nWorker \(host) is not known by the master. "
                        + "Please check the hostname or retry later. Available workers are: \t"
                        + known.joined(separator: ", ")))
        }
        takeOut(registration)
        let refresh: Int64 =
            call.settings["alluxio.user.worker.list.refresh.interval"] == "1s" ? .seconds(1) : .minutes(2)
        let head = "Decommissioning worker \(host):\(port)\nSet worker \(host):\(port) decommissioned on master\n"
        world.after(refresh) { [self] in
            poll(registration.worker, quiet: 0, failures: 0) { isQuiet in
                if isQuiet {
                    end(
                        .ok(
                            head + "There is no operation on worker \(host):\(port) for 20 times in a row. "
                                + "Worker is considered safe to stop.\nAll workers are successfully decommissioned and now idle. "
                                + "Safe to kill or restart this batch of workers now."))
                } else {
                    end(
                        .failed(
                            head
                                + "0 workers finished all their operations successfully:\n[]\n1 workers became inaccessible "
                                + "and we assume there are no operations, but we still recommend the admin to double check:\n"
                                + "[\(host):\(port)]", exit: 10,
                            errors: "Failed to poll progress from worker \(host): connection refused\n"))
                }
            }
        }
    }

    /// `DecommissionWorker` at the master, which may be repeated; false if it knows no such worker.
    func decommission(host: String) -> Bool {
        let known = registrations.filter { $0.worker.host == host && $0.state != .lost }
        if let registration = known.first(where: { $0.state == .live }) { takeOut(registration) }
        return !known.isEmpty
    }

    private func takeOut(_ registration: SimRegistration) {
        registration.state = .decommissioned
        registration.frozenBytes = registration.worker.usedBytes
        registration.lastHeartbeat = now
        registration.knownUntil = now + runtime.plan.clientRefresh
        world.note("\(runtime.name): worker \(registration.worker.host) is out of service")
    }

    private func poll(_ worker: SimWorker, quiet: Int, failures: Int, _ finish: @escaping (Bool) -> Void) {
        // With a network of its own nothing listens at the node's address.
        if !worker.isUp || !runtime.plan.hasHostNetwork {
            guard failures < 4 else { return finish(false) }
            world.after(.seconds(5)) { [self] in poll(worker, quiet: 0, failures: failures + 1, finish) }
            return
        }
        guard quiet < 20 else { return finish(true) }
        // One step for as many quiet seconds as there can be: whoever is busy begins to count anew.
        let isBusy = worker.isBusy(now)
        world.after(.seconds(isBusy ? 1 : 5)) { [self] in
            poll(worker, quiet: isBusy ? 0 : quiet + 5, failures: 0, finish)
        }
    }

    /// `fsadmin enableWorker`: says success; only a restart brings the worker back.
    func enable(_ call: SimClientCall) -> SimSaid {
        let (host, port) = host(call)
        return .ok(
            "Re-enabling worker \(host):\(port)\nRe-enabled worker \(host):\(port) on master\n"
                + "Successfully re-enabled all workers on the master. The workers should be able to register to the master "
                + "and then serve normally.")
    }
}
