import Rules

extension SimWorld {
    var timestamp: Timestamp { Timestamp(millisecondsSinceEpoch: now) }

    /// The name that the master calls a worker by.
    static func host(_ ordinal: Int) -> String { "10.0.0.\(ordinal + 1)" }

    /// What a live look shows before Alluxio is asked.
    func look(outcome: DrainOutcome, version: AlluxioVersion?) -> DrainObservation {
        let kind: DrainObservation.WorkerSet.Kind =
            switch era {
            case .a: .daemon(.byNodeLabel)
            case .b: .daemon(.gated)
            case .c, .d: .stateful
            }
        return DrainObservation(
            runtime: exists
                ? .init(uid: runtimeUID, wanted: wanted, desired: desired, policy: .policy(policy)) : nil,
            workerSet: .init(
                name: "w-worker", kind: kind, uid: setUID, resourceVersion: "\(resourceVersion)", present: present,
                isRolling: isRolling && !isDaemon, wish: wish),
            workers: pods.map { worker($0) },
            master: .init(isReady: isMasterUp, trouble: "down"), version: version, outcome: outcome)
    }

    private func worker(_ pod: SimPod) -> DrainObservation.Worker {
        DrainObservation.Worker(
            name: pod.name, uid: pod.uid, ordinal: isDaemon ? nil : pod.ordinal, node: "n\(pod.ordinal)",
            host: Self.host(pod.ordinal), webPort: 30000, isDeleting: pod.goneAt != nil, start: start(pod),
            isRunning: pod.isRunning, isNodeInUse: usedNodes.contains(pod.ordinal),
            isPlaced: placed.contains(pod.ordinal) || !isDaemon)
    }

    private func start(_ pod: SimPod) -> DrainObservation.Worker.Start {
        pod.everStarted ? .done : pod.isBroken ? .failed : .awaited
    }

    /// Asks Alluxio what the state needs.
    func ask(_ needs: DrainNeeds, record: DrainRecord?, into seen: inout DrainObservation) {
        let leaving = Set((record?.leaving ?? []).map { $0.uid } + (record?.undo ?? []).map { $0.uid })
        if needs.version || needs.registration, isMasterUp {
            seen.version = version
        }
        for index in seen.workers.indices {
            let pod = pods[index]
            if needs.registration, isMasterUp {
                seen.workers[index].registration = isServing(pod) ? .registered : .missing
            }
            let isAsked = leaving.contains(pod.uid) ? needs.leavingLists : needs.survivorLists
            if isAsked, pod.everStarted, pod.isRunning, pod.goneAt == nil {
                seen.workers[index].look = list(pod)
            }
            if needs.report, isMasterUp {
                seen.workers[index].isReportedEmpty = isServing(pod) && holding(pod.ordinal).isEmpty
            }
        }
        if needs.service, isMasterUp {
            var service: [String: CapacityReport.State] = [:]
            for pod in pods where pod.isRunning && now >= pod.registersAt {
                service[Self.host(pod.ordinal)] = pod.isOutOfService ? .decommissioned : .active
            }
            seen.service = service
        }
    }

    /// A worker's own list; with a dead master it can't be read.
    func list(_ pod: SimPod) -> WorkerLook {
        pod.isListReadable && isMasterUp ? .held(holding(pod.ordinal), at: timestamp) : .unreadable("test")
    }

    func holding(_ ordinal: Int) -> WorkerHolding {
        let disk = disks[ordinal]
        var holding = WorkerHolding(
            files: disk.held.sorted().map { index in
                let file = files[index]
                return HeldFile(
                    path: file.path, bytes: file.bytes, isPersisted: file.isPersisted, isPinned: file.isPinned)
            })
        holding.usedBytes += disk.uploading
        return holding
    }

    /// `alluxio fs free`: one path, all registered workers, partial on refusal, and gone only later.
    mutating func free(_ call: FreeCall) -> FreeAnswer {
        guard isMasterUp else {
            return .noMaster
        }
        let below = files.indices.filter { files[$0].path.isInside(call.path) }.shuffled(using: &random)
        guard call.path == .root || !below.isEmpty else {
            return .absent
        }
        for index in below {
            let isHeld = disks.contains { $0.held.contains(index) }
            if !files[index].isPersisted, isHeld || call.isFolder {
                return .notPersisted(files[index].path)
            }
            if files[index].isPinned {
                guard call.force else {
                    return .pinned(files[index].path)
                }
                files[index].isPinned = false
            }
            for pod in pods where isServing(pod) && disks[pod.ordinal].held.contains(index) {
                disks[pod.ordinal].leaving[index] = now + 1000 + Int64(random.below(1500))
            }
        }
        let isStuck = !call.isFolder && below.contains { index in disks.contains { $0.stuck.contains(index) } }
        return isStuck ? .stillHeld : .accepted
    }
}
