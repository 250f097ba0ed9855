import Kubernetes

/// Whoever uses the cache: writers that upload, readers that fill it again.
final class SimClients {
    unowned let world: SimWorld
    let runtime: SimRuntime
    private var uploads = 0
    /// Whether they work at all.
    var isActive = false

    init(_ world: SimWorld, _ runtime: SimRuntime) {
        self.world = world
        self.runtime = runtime
    }

    private var random: SimRandom { world.random }
    private var alluxio: SimAlluxio { runtime.alluxio }

    func begin() {
        isActive = true
        if let pause = runtime.plan.readsEvery { again(pause) { [self] in read() } }
        if let pause = runtime.plan.writesEvery { again(pause) { [self] in write() } }
    }

    private func again(_ pause: Int64, _ action: @escaping () -> Void) {
        world.after(random.pause(mean: pause)) { [self] in
            guard isActive else { return }
            action()
            again(pause, action)
        }
    }

    /// Reads a file at some worker, which caches what it does not have.
    func read() {
        guard alluxio.isMasterUp, let worker = random.any(alluxio.usable),
            let file = random.any(alluxio.files.filter { $0.isCompleted && $0.persistence == .persisted })
        else { return }
        read(file, at: worker, holds: random.between(.milliseconds(10), random.chance(5) ? .seconds(60) : .seconds(2)))
    }

    func read(_ file: SimFile, at worker: SimWorker, holds: Int64) {
        for block in file.blocks {
            if worker.disk.holds(block) {
                worker.disk.change(block) { $0.lockedUntil = max($0.lockedUntil, world.now + holds) }
                continue
            }
            let (generation, begunAt) = (worker.generation, world.now)
            world.after(random.between(.milliseconds(5), .milliseconds(800))) { [self] in
                guard worker.generation == generation, worker.isUp, alluxio.file(file.path) === file else { return }
                alluxio.place(block, of: file, on: worker, begunAt: begunAt)
                worker.disk.change(block) { $0.lockedUntil = world.now + holds }
            }
        }
    }

    /// Begins an upload to some worker; it is in no list until it is closed.
    func write() {
        guard alluxio.isMasterUp, let worker = random.any(alluxio.usable) else { return }
        upload(
            to: worker, random.weighted([(4, .notPersisted), (2, .toBePersisted), (2, .persisted)]),
            takes: random.between(.milliseconds(100), random.chance(20) ? .seconds(60) : .seconds(6)))
    }

    func upload(to worker: SimWorker, _ persistence: SimFile.Persistence, takes: Int64) {
        uploads += 1
        let number = uploads
        let file = alluxio.addFile("/up/u\(number)", persistence, blocks: 1 + random.below(2))
        file.isCompleted = false
        let upload = SimUpload(
            number: number, file: file, begunAt: world.now, bytes: file.blockBytes * Int64(file.blocks.count))
        worker.disk.uploads.append(upload)
        world.note("an upload of \(file.path) (\(persistence.rawValue)) to \(worker.pod.key.name) begins")
        let generation = worker.generation
        world.after(takes) { [self] in
            guard worker.generation == generation,
                let place = worker.disk.uploads.firstIndex(where: { $0.number == number })
            else {
                alluxio.removeFile(file)
                return
            }
            worker.disk.uploads.remove(at: place)
            file.isCompleted = true
            for block in file.blocks { alluxio.place(block, of: file, on: worker, begunAt: upload.begunAt) }
            if persistence == .toBePersisted {
                world.after(random.between(.seconds(3), .seconds(60))) {
                    if file.persistence == .toBePersisted { file.persistence = .persisted }
                }
            }
        }
    }
}
