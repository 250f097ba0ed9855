/// One worker: the process in a pod, on a disk.
final class SimWorker {
    let pod: SimPod
    let disk: SimDisk
    /// Whether its process answers.
    var isUp = false
    var startedAt: Int64 = 0
    /// Until when a client reads through it what it does not cache.
    var readsUntil: Int64 = 0
    /// Which start of the process this is: timers of an earlier one do nothing.
    var generation = 0

    init(pod: SimPod, disk: SimDisk) {
        self.pod = pod
        self.disk = disk
    }

    var host: String { pod.node?.address ?? "" }
    var folders: Int { pod.runtime.plan.tiers.reduce(0) { $0 + $1.folders } }

    /// What each empty folder counts as used.
    var reservedBytes: Int64 { pod.runtime.plan.tiers.count > 1 ? pod.runtime.plan.reservedBytes : 0 }

    var usedBytes: Int64 {
        let blocks = disk.visible.reduce(0) { $0 + $1.file.blockBytes }
        return baseline + blocks + disk.uploads.reduce(0) { $0 + $1.bytes }
    }

    var baseline: Int64 { Int64(folders - (disk.failingFolder == nil ? 0 : 1)) * reservedBytes }

    var capacityBytes: Int64 {
        pod.runtime.plan.tiers.reduce(0) { $0 + $1.bytes * Int64($1.folders) }
            - (disk.failingFolder == nil ? 0 : pod.runtime.plan.tiers.first?.bytes ?? 0)
    }

    /// Whether a client reads or writes here.
    func isBusy(_ now: Int64) -> Bool {
        readsUntil > now || !disk.uploads.isEmpty || disk.copies.contains { $0.lockedUntil > now }
    }
}

/// What the master knows of a worker.
final class SimRegistration {
    enum State { case live, lost, decommissioned }

    let worker: SimWorker
    let id: Int64
    let at: Int64
    var state = State.live
    var lastHeartbeat: Int64
    /// What its row says since it stopped to change.
    var frozenBytes: Int64?
    /// Until when clients have it in their list of workers.
    var knownUntil = Int64.max

    init(_ worker: SimWorker, id: Int64, at time: Int64) {
        self.worker = worker
        self.id = id
        at = time
        lastHeartbeat = time
    }

    var isReached: Bool { state == .live && worker.isUp }
    var usedBytes: Int64 { frozenBytes ?? worker.usedBytes }
}
