import Kubernetes
import Wire

/// One Alluxio: its master's memory, its workers, its files.
final class SimAlluxio {
    unowned let world: SimWorld
    unowned let runtime: SimRuntime
    var files: [SimFile] = []
    private(set) var byPath: [String: SimFile] = [:]
    var workers: [SimWorker] = []
    var registrations: [SimRegistration] = []
    private var disks: [String: SimDisk] = [:]
    /// Whether the master answers.
    private(set) var isMasterUp = false
    private(set) var masterStartedAt: Int64 = 0
    var safeModeUntil: Int64 = 0
    /// Which of its masters leads.
    var leader = 0
    private var masterGeneration = 0
    private var lastID: Int64 = 0
    /// When the master stopped the last time.
    private(set) var masterLostAt: Int64 = 0
    /// What the master's page says of its workers, and since when: it is made anew every 10 s.
    var masterPageAt = -Int64.minutes(1)
    var masterWorkers: [JSON] = []
    /// Which commands run in the master's pod.
    var commandsRunning = 0
    /// What each file's own free last said, and in which life of the master.
    var freedByName: [String: Freed] = [:]

    struct Freed {
        var at: Int64
        /// The life of the master that was told, and forgets it at its end; nil where the worker itself removed it.
        var masterStartedAt: Int64?
        var registrations: Set<Int64>
    }

    init(_ world: SimWorld, _ runtime: SimRuntime) {
        self.world = world
        self.runtime = runtime
    }

    var now: Int64 { world.now }
    var random: SimRandom { world.random }

    func nextID() -> Int64 {
        lastID += 1
        return lastID
    }

    // MARK: Files

    @discardableResult
    func addFile(_ path: String, _ persistence: SimFile.Persistence, blocks: Int = 1, bytes: Int64 = 1 << 20) -> SimFile
    {
        let file = SimFile(
            id: nextID(), path: path, persistence: persistence, blocks: (0..<blocks).map { _ in nextID() },
            blockBytes: bytes)
        files.append(file)
        byPath[path] = file
        return file
    }

    func removeFile(_ file: SimFile) {
        files.removeAll { $0 === file }
        byPath[file.path] = nil
        for worker in workers { worker.disk.remove { $0.file === file } }
    }

    /// Puts a copy on a disk, as written from this time on.
    func place(_ block: Int64, of file: SimFile, on worker: SimWorker, begunAt: Int64) {
        guard !worker.disk.holds(block) else { return }
        var copy = SimCopy(block: block, file: file, begunAt: begunAt)
        copy.folder = Int(block) % max(worker.folders, 1)
        if copy.folder == worker.disk.failingFolder { copy.folder = (copy.folder + 1) % max(worker.folders, 1) }
        copy.isStuck = random.permille(runtime.plan.stuckPermille)
        worker.disk.add(copy)
        world.oracle.placed(copy, on: worker)
    }

    // MARK: Workers

    func worker(_ pod: SimPod) -> SimWorker? { workers.first { $0.pod === pod } }

    func registration(_ worker: SimWorker) -> SimRegistration? {
        registrations.last { $0.worker === worker }
    }

    func workerStarted(_ pod: SimPod) {
        let name = runtime.plan.isOnHostPath ? pod.node?.name ?? "" : pod.uid
        let disk = disks[name] ?? SimDisk()
        disks[name] = disk
        let worker = worker(pod) ?? SimWorker(pod: pod, disk: disk)
        if self.worker(pod) == nil { workers.append(worker) }
        // A disk outlives the worker that filled it.
        for copy in disk.copies { world.oracle.placed(copy, on: worker) }
        worker.generation += 1
        let generation = worker.generation
        world.after(random.between(.milliseconds(300), .seconds(3))) { [self] in
            guard worker.generation == generation, pod.isRunning else { return }
            worker.isUp = true
            worker.startedAt = now
            disk.forgetStuckBlocks()
            register(worker)
        }
    }

    func workerStopped(_ pod: SimPod) {
        guard let worker = worker(pod) else { return }
        worker.generation += 1
        guard worker.isUp else { return }
        worker.isUp = false
        worker.disk.uploads = []
        if let registration = registration(worker), registration.state == .live {
            registration.lastHeartbeat = now
            registration.frozenBytes = worker.usedBytes
            let life = masterGeneration
            world.after(runtime.plan.workerTimeout) { [self] in
                guard registration.state == .live, !worker.isUp, life == masterGeneration else { return }
                registration.state = .lost
                loseFiles(of: worker)
            }
        }
    }

    /// A pod is gone; so is its disk, if it was its own.
    func podGone(_ pod: SimPod) {
        guard let worker = worker(pod) else { return }
        if !runtime.plan.isOnHostPath { disks[pod.uid] = nil }
        workers.removeAll { $0 === worker }
        if !runtime.plan.isOnHostPath { worker.disk.remove { _ in true } }
    }

    /// What was only there is lost.
    private func loseFiles(of worker: SimWorker) {
        for file in files where file.persistence == .notPersisted || file.persistence == .toBePersisted {
            let isElsewhere = registrations.contains { registration in
                registration.isReached && file.blocks.contains { registration.worker.disk.holds($0) }
            }
            if !isElsewhere { file.persistence = .lost }
        }
    }

    private func register(_ worker: SimWorker) {
        guard isMasterUp, worker.isUp else { return }
        if runtime.plan.hasHostNetwork {
            registrations.removeAll { $0.worker.host == worker.host && $0.worker.pod.webPort == worker.pod.webPort }
        } else {
            registrations.removeAll { $0.worker === worker }
        }
        registrations.append(SimRegistration(worker, id: nextID(), at: now))
    }

    // MARK: Master

    func masterStarted() {
        masterGeneration += 1
        let generation = masterGeneration
        world.after(random.between(.seconds(1), .seconds(12))) { [self] in
            guard generation == masterGeneration else { return }
            isMasterUp = true
            masterStartedAt = now
            registrations = []
            safeModeUntil = now + random.between(.seconds(1), .seconds(5))
            for worker in workers {
                world.after(random.between(.milliseconds(200), .seconds(4))) { [self] in register(worker) }
            }
        }
    }

    func masterStopped() {
        masterGeneration += 1
        if isMasterUp { masterLostAt = now }
        isMasterUp = false
    }

    /// Brings it up at once, with its workers registered, as it is before a schedule begins.
    func begin() {
        isMasterUp = true
        for worker in workers {
            worker.generation += 1
            worker.isUp = true
            register(worker)
        }
    }

    var isInSafeMode: Bool { now < safeModeUntil }

    /// The registrations that clients can use now.
    var usable: [SimWorker] {
        registrations.filter { ($0.state == .live || $0.knownUntil > now) && $0.worker.isUp }.map(\.worker)
    }
}
