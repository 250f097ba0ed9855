import Rules

extension SimWorld {
    /// Lets time pass: controllers, workers and readers do what they do.
    mutating func pass(_ milliseconds: Int64) {
        now += milliseconds
        if let end = uploadsEndAt, now >= end {
            for index in disks.indices { disks[index].uploading = 0 }
        }
        for index in disks.indices {
            let gone = disks[index].leaving.filter { $0.value <= now }.keys
            for file in gone {
                disks[index].leaving[file] = nil
                if !disks[index].stuck.contains(file) {
                    disks[index].held.remove(file)
                }
            }
        }
        if isDaemon {
            daemonController()
        } else {
            statefulController()
        }
        for index in pods.indices where pods[index].isStarting && now >= pods[index].startsAt {
            pods[index].everStarted = true
            pods[index].isRunning = true
        }
        pods.removeAll { pod in pod.goneAt.map { $0 <= now } ?? false }
    }

    private mutating func statefulController() {
        for index in pods.indices where exists && pods[index].ordinal >= replicas && pods[index].goneAt == nil {
            pods[index].goneAt = now + 1000 + Int64(random.below(8000))
            pods[index].isRunning = false
        }
        for ordinal in 0..<max(0, replicas) where exists && !pods.contains(where: { $0.ordinal == ordinal }) {
            addPod(ordinal)
            // A worker that restarts has its old blocks, and forgets which were stuck.
            disks[ordinal].stuck = []
        }
    }

    private mutating func daemonController() {
        for index in pods.indices where !placed.contains(pods[index].ordinal) && pods[index].goneAt == nil {
            pods[index].goneAt = now + 1000
            pods[index].isRunning = false
        }
        for node in placed.sorted() where exists && !pods.contains(where: { $0.ordinal == node }) {
            addPod(node)
            disks[node].stuck = []
        }
    }

    /// Fluid's controller looks once.
    mutating func fluid() {
        guard exists, let wanted else {
            return
        }
        switch era {
        case .a:
            // Scale-in is "to be implemented"; scale-out compares with its own status.
            guard wanted > desired || wanted > placed.count else {
                return
            }
            for node in 0..<Self.nodes where placed.count < wanted {
                placed.insert(node)
            }
            desired = wanted
        case .b:
            stripOrPlace(wanted)
        case .c:
            guard wanted != desired else {
                return
            }
            scaleSet(to: wanted)
            if replicas == wanted { desired = wanted }
        case .d:
            if wanted != replicas { scaleSet(to: wanted) }
            desired = replicas
        }
    }

    /// A write of the count by anybody but the reconciler: a lowering is held.
    private mutating func scaleSet(to count: Int) {
        touchSet()
        if count >= replicas || !isHoldOn || policy.mode == .removeAtOnce {
            replicas = count
        }
    }

    /// Something happens that nobody asked Sluice about.
    mutating func disturb() {
        switch random.below(20) {
        case 0...3: want(random.chance(4) && era != .b ? nil : random.below(Self.nodes))
        case 4: want(present)
        case 5...7: read()
        case 8: write()
        case 9: files[random.below(files.count)].isPersisted = true
        case 10: files[random.below(files.count)].isPinned.toggle()
        case 11: restartMaster()
        case 12:
            guard !pods.isEmpty else { return }
            pods[random.below(pods.count)].isListReadable.toggle()
        case 13: crashPod()
        case 14: deletePod()
        case 15: disks[random.below(disks.count)].uploading = random.chance(50) ? 50 : 0
        case 16: stick()
        case 17: if random.chance(50) { isRolling.toggle() } else { isImageBroken.toggle() }
        case 18: random.chance(20) ? recreate() : fluid()
        default:
            if random.chance(30) { isReconcilerKnown.toggle() }
            if random.chance(20) { policy.pausedReason = policy.pausedReason == nil ? "test" : nil }
            if random.chance(20) { usedNodes = Set((0..<Self.nodes).filter { _ in random.chance(50) }) }
            if random.chance(10) { policy.mode = random.pick(DrainPolicy.Mode.allCases) }
        }
    }

    /// A reader caches a file on some worker.
    private mutating func read() {
        let serving = pods.filter { isServing($0) }
        guard !serving.isEmpty else {
            return
        }
        let file = random.below(files.count)
        if files[file].isPersisted {
            let node = random.pick(serving).ordinal
            disks[node].held.insert(file)
            disks[node].leaving[file] = nil
        }
    }

    /// Someone writes a file that the under storage does not have yet; only its one replica has it.
    private mutating func write() {
        let serving = pods.filter { isServing($0) }
        guard !serving.isEmpty else {
            return
        }
        files.append(
            SimFile(
                path: AlluxioPath("\(Self.folders[0])/new\(files.count)"), isPersisted: false, isPinned: false,
                bytes: 100))
        disks[random.pick(serving).ordinal].held.insert(files.count - 1)
    }

    private mutating func restartMaster() {
        isMasterUp.toggle()
        guard isMasterUp else {
            return
        }
        // What was told to workers is forgotten, and so is who was out of service.
        for index in disks.indices { disks[index].leaving = [:] }
        for index in pods.indices {
            pods[index].isOutOfService = false
            pods[index].registersAt = now + 2000
        }
    }

    private mutating func crashPod() {
        guard let index = pods.indices.randomElement(using: &random), pods[index].goneAt == nil else {
            return
        }
        pods[index].isRunning = pods[index].everStarted ? !pods[index].isRunning : false
        if pods[index].isRunning { pods[index].registersAt = now + 2000 }
    }

    private mutating func deletePod() {
        guard let index = pods.indices.randomElement(using: &random), pods[index].goneAt == nil else {
            return
        }
        pods[index].goneAt = now + 500
        pods[index].isRunning = false
    }

    private mutating func stick() {
        let node = random.below(disks.count)
        if let file = disks[node].held.randomElement(using: &random) { disks[node].stuck.insert(file) }
    }

    /// The runtime is deleted and made again, with fewer workers.
    private mutating func recreate() {
        counter += 1
        runtimeUID = "r\(counter)"
        setUID = "s\(counter)"
        touchSet()
        record = nil
        replicas = 1 + random.below(3)
        placed = Set(0..<replicas)
        wish = nil
        asked = nil
        wanted = replicas
        desired = replicas
        pods = []
        ranIn = []
        disks = Array(repeating: SimDisk(), count: Self.nodes)
        for ordinal in 0..<replicas { addPod(ordinal) }
    }

    /// Everything is well again.
    mutating func heal() {
        isMasterUp = true
        isRolling = false
        isImageBroken = false
        isReconcilerKnown = true
        policy.pausedReason = nil
        usedNodes = []
        wanted = wanted ?? 1
        // Users go on for a while: an upload that is under way when the drain would be done.
        for index in disks.indices where random.chance(25) { disks[index].uploading = 50 }
        uploadsEndAt = now + Int64(random.below(400_000))
        for index in pods.indices where pods[index].goneAt == nil {
            pods[index].isListReadable = true
            pods[index].isBroken = false
            if pods[index].everStarted, !pods[index].isRunning {
                pods[index].isRunning = true
                pods[index].registersAt = now + 2000
            }
        }
    }
}
