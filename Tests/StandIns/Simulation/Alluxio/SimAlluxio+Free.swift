import Kubernetes

extension SimAlluxio {
    enum Refusal {
        case absent
        case notPersisted(SimFile)
        case pinned(SimFile)
    }

    /// Frees what is at or below a path, as the master does it: file after file, until one may not be freed.
    func free(_ path: String, isForced: Bool) -> Refusal? {
        let below = files.filter { $0.isBelow(path) }
        guard !below.isEmpty || path == "/" else { return .absent }
        guard !isInSafeMode else { return nil }
        let start = runtime.plan.isWalkOrdered ? 0 : random.below(max(below.count, 1))
        for file in below[start...] + below[..<start] {
            guard file.persistence == .persisted else { return .notPersisted(file) }
            if file.isPinned {
                guard isForced else { return .pinned(file) }
                file.isPinned = false
            }
            remove(file)
        }
        return nil
    }

    func file(_ path: String) -> SimFile? { byPath[path] }

    /// Whether a live worker still has something of a file.
    func isHeld(_ file: SimFile) -> Bool {
        registrations.contains { $0.isReached && $0.worker.disk.visible.contains { $0.file === file } }
    }

    /// Has each live worker remove its copies, with its next heartbeats.
    private func remove(_ file: SimFile) {
        for registration in registrations where registration.isReached {
            let worker = registration.worker
            for copy in worker.disk.visible where copy.file === file && !copy.isStuck {
                let generation = worker.generation
                world.after(random.between(.milliseconds(100), .milliseconds(2_200))) { [self] in
                    take(copy.block, from: worker, generation)
                }
            }
        }
    }

    private func take(_ block: Int64, from worker: SimWorker, _ generation: Int) {
        guard worker.generation == generation, worker.isUp,
            let copy = worker.disk.copies.first(where: { $0.block == block })
        else { return }
        guard copy.lockedUntil <= now else {
            // Waits for the lock, and is sent again by the next heartbeats.
            world.after(max(copy.lockedUntil - now, .seconds(1))) { [self] in take(block, from: worker, generation) }
            return
        }
        worker.disk.remove { $0.block == block }
    }

    /// Removes one block at one worker, at once, whatever it is.
    func removeBlock(_ block: Int64, at worker: SimWorker) {
        if let copy = worker.disk.copies.first(where: { $0.block == block }) {
            freedByName[copy.file.path] = Freed(at: now, masterStartedAt: nil, registrations: [])
        }
        worker.disk.remove { $0.block == block }
    }
}
