import Rules

/// Random numbers whose sequence follows from a seed (SplitMix64).
struct SimRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    mutating func below(_ limit: Int) -> Int { Int(next() % UInt64(max(1, limit))) }
    mutating func chance(_ percent: Int) -> Bool { below(100) < percent }
    mutating func pick<Element>(_ list: [Element]) -> Element { list[below(list.count)] }
}

/// A file of the model.
struct SimFile {
    var path: AlluxioPath
    var isPersisted: Bool
    var isPinned: Bool
    var bytes: Int64
}

/// What a node's disk holds of a worker; it outlives the pod, as a host path does.
struct SimDisk {
    var held: Set<Int> = []
    /// Blocks that the worker will never remove until it restarts (facts of 2.9: `AsyncBlockRemover`).
    var stuck: Set<Int> = []
    /// When each block that the master told it to remove goes.
    var leaving: [Int: Int64] = [:]
    /// Bytes of a file that is being written: in no list.
    var uploading: Int64 = 0
}

/// A worker pod and its process.
struct SimPod {
    var name: String
    var uid: String
    var ordinal: Int
    var isRunning = false
    var everStarted = false
    /// Whether it never starts as it is, as with an image that can't be had.
    var isBroken = false
    var startsAt: Int64
    var registersAt: Int64
    var goneAt: Int64?
    var isOutOfService = false
    var isListReadable = true

    var isStarting: Bool { goneAt == nil && !everStarted && !isBroken }
}

/// The world: Kubernetes, Fluid and Alluxio as far as one runtime is concerned.
struct SimWorld {
    enum Era: CaseIterable { case c, d, a, b }

    var random: SimRandom
    var now: Int64 = 1_000_000
    var era: Era
    var version: AlluxioVersion
    var policy = DrainPolicy()

    var runtimeUID = "r1"
    var exists = true
    var wanted: Int?
    var desired: Int
    var setUID = "s1"
    var replicas: Int
    var resourceVersion = 1
    var record: DrainRecord?
    var isRolling = false
    var isHoldOn = true
    var isReconcilerKnown = true

    var pods: [SimPod] = []
    var placed: Set<Int> = []
    var usedNodes: Set<Int> = []
    var disks: [SimDisk]
    var files: [SimFile]
    /// Whether new pods can't start.
    var isImageBroken = false
    /// The nodes where workers ran since a drain began: their blocks are still there when the next pod can't start.
    var ranIn: Set<Int> = []
    var isMasterUp = true
    /// When the last upload ends; nil while there is no end in sight.
    var uploadsEndAt: Int64?
    var counter = 0
    /// Era B: what somebody asks for again and again until it is admitted, and when last.
    var asked: Int?
    var askedAt: Int64 = 0
    /// Era B: the denied count that is noted on the worker set.
    var wish: ScaleInWish?

    static let nodes = 6
    static let folders = ["/a", "/b", "/b/c", "/d e"]

    init(seed: UInt64) {
        random = SimRandom(seed: seed)
        era = random.pick([.c, .d, .d, .a, .b])
        version = random.chance(40) ? AlluxioVersion(2, 9, 6) : AlluxioVersion(2, 9, 0)
        replicas = 1 + random.below(5)
        wanted = replicas
        desired = replicas
        disks = Array(repeating: SimDisk(), count: Self.nodes)
        files = []
        for index in 0..<(4 + random.below(12)) {
            let folder = random.pick(Self.folders)
            let name = random.chance(5) ? "x*y\(index)" : random.chance(3) ? "n\nl\(index)" : "f \(index)"
            files.append(
                SimFile(
                    path: AlluxioPath("\(folder)/\(name)"), isPersisted: !random.chance(4), isPinned: random.chance(4),
                    bytes: 100))
        }
        placed = Set(0..<replicas)
        choosePolicy()
        for ordinal in 0..<replicas {
            addPod(ordinal)
            pods[pods.count - 1].isRunning = true
            pods[pods.count - 1].everStarted = true
            pods[pods.count - 1].registersAt = 0
            for file in files.indices where random.chance(35) {
                disks[ordinal].held.insert(file)
            }
        }
        if random.chance(10) {
            // A record that an earlier worker set left behind.
            record = DrainRecord(
                workerSetUID: "old", runtimeUID: "r1", target: 0, leaving: [], now: Timestamp(millisecondsSinceEpoch: 0)
            )
            record?.state = .removing
        }
    }

    private mutating func choosePolicy() {
        policy.mode = random.pick([.free, .free, .free, .decommission, .auto, .auto])
        if random.chance(3) { policy.mode = .removeAtOnce }
        policy.scope = random.chance(25) ? .path : .worker
        policy.fallback = random.chance(60) ? .path : .hold
        policy.pinned = random.chance(50) ? .unpin : .keep
        policy.onDeadline = random.pick([.auto, .auto, .hold, .remove])
        policy.deadlineMilliseconds = random.pick([60_000, 300_000, 600_000])
        policy.cooldownMilliseconds = random.pick([0, 10_000, 60_000])
    }

    mutating func addPod(_ ordinal: Int) {
        counter += 1
        pods.append(
            SimPod(
                name: isDaemon ? "w-worker-x\(counter)" : "w-worker-\(ordinal)", uid: "p\(counter)", ordinal: ordinal,
                isBroken: isImageBroken, startsAt: now + 500,
                registersAt: now + 3000))
    }

    /// Whether Alluxio's master knows the worker and sends it commands.
    func isServing(_ pod: SimPod) -> Bool {
        pod.isRunning && !pod.isOutOfService && now >= pod.registersAt && isMasterUp
    }

    /// Changes the worker set, as every write to it does.
    mutating func touchSet() {
        resourceVersion += 1
    }

    /// How many workers there are to be, as the worker set says.
    var present: Int { isDaemon ? placed.count : replicas }

    /// Whether workers are placed by the labels of nodes.
    var isDaemon: Bool { era == .a || era == .b }

    /// What the count is to become in the end.
    var goal: Int? { asked ?? wanted }
}
