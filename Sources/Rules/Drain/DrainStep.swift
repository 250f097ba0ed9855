/// One look at one runtime: what it means, and what is to be done.
///
/// `decide` is the whole protocol: pure, total, and the only entry.
public struct DrainStep {
    let seen: DrainObservation
    let now: Timestamp
    let policy: DrainPolicy
    var record: DrainRecord?
    var progress: DrainProgress
    var action = DrainAction.none
    var again: Int64?
    var notices: [DrainNotice] = []
    /// The obstacle of an `obstructed` event.
    var obstacle: DrainObstacle?
    /// Whether a leaving worker's list could not be read just now, which a moving list explains for a while.
    var waitsForList = false
    /// Whether a call of the client did what it should.
    var hasSucceeded = false

    /// Judges an observation.
    ///
    /// - Parameters:
    ///   - seen: what was just seen; `DrainNeeds` says what has to be in it.
    ///   - record: the record on the worker set, or nil.
    ///   - progress: what the last decision kept in memory, or an empty one after a start.
    ///   - now: the time of the observation.
    /// - Returns: the new record, one action, and what to tell users. The record has to be kept before the action is done.
    public static func decide(
        _ seen: DrainObservation, record: DrainRecord?, progress: DrainProgress, now: Timestamp
    ) -> DrainDecision {
        var step = DrainStep(seen, record: record, progress: progress, now: now)
        let event = step.event()
        step.perform(DrainTable.transition(step.record?.state ?? .idle, event))
        return DrainDecision(
            record: step.record, progress: step.progress, action: step.action, againMilliseconds: step.again,
            notices: step.notices, event: event)
    }

    private init(_ seen: DrainObservation, record: DrainRecord?, progress: DrainProgress, now: Timestamp) {
        self.now = now
        self.progress = progress
        // A record of another worker set or runtime says nothing of this one: drain again.
        if let record, record.workerSetUID == seen.workerSet?.uid, record.runtimeUID == seen.runtime?.uid {
            self.record = record
        } else {
            self.record = nil
            self.progress = DrainProgress()
            self.progress.lowSince = progress.lowSince
            self.progress.obstacles = progress.obstacles
        }
        self.seen = seen.recalling(self.record)
        if case .policy(let policy)? = seen.runtime?.policy {
            self.policy = policy
        } else {
            policy = DrainPolicy()
        }
    }

    /// How many workers are wanted; an absent count means 0 only where 0 was wanted before (a Go client drops a 0).
    var wanted: Int? {
        guard let runtime = seen.runtime else {
            return nil
        }
        if let wish {
            return wish.count
        }
        return runtime.wanted ?? (record?.target == 0 || seen.workerSet?.present == 0 ? 0 : nil)
    }

    /// The count that the gate denied and that is still asked for.
    var wish: ScaleInWish? {
        guard removal == .gated, let wish = seen.workerSet?.wish,
            wish.isOpen(replicas: seen.runtime?.wanted, at: now)
        else {
            return nil
        }
        return wish
    }

    var present: Int { seen.workerSet?.present ?? 0 }

    var isStateful: Bool { seen.workerSet?.kind == .stateful }

    /// Who removes the workers of a DaemonSet; nil for a StatefulSet.
    var removal: DaemonRemoval? {
        if case .daemon(let removal)? = seen.workerSet?.kind { removal } else { nil }
    }

    /// The workers that leave, as they are now; `nil` stands for a pod that is missing.
    ///
    /// While nodes lose their labels one by one, those that have lost them no longer count.
    var leaving: [(record: DrainRecord.Leaving, worker: DrainObservation.Worker?)] {
        let all = (record?.leaving ?? []).map { entry in
            (record: entry, worker: seen.workers.first { $0.name == entry.name && $0.uid == entry.uid })
        }
        guard !isStateful, record?.state == .removing else {
            return all
        }
        return all.filter { $0.worker?.isPlaced == true }
    }

    /// The workers that stay; pods that end are neither.
    var survivors: [DrainObservation.Worker] {
        let names = Set((record?.leaving ?? []).map { $0.name })
        return seen.workers.filter { worker in
            !names.contains(worker.name) && !worker.isDeleting
                && (worker.ordinal.map { $0 < present } ?? worker.isPlaced)
        }
    }

    /// Whether whole paths are freed.
    var isByPath: Bool {
        policy.scope == .path || record?.fallback != nil || record?.target == 0
    }

    /// Whether the leaving workers are to be taken out of service before they go.
    var takesOutOfService: Bool {
        switch policy.mode {
        case .decommission: true
        case .auto: seen.version?.canDecommission == true && !seen.workers.contains { sharedHost(of: $0) != nil }
        case .free, .removeAtOnce: false
        }
    }

    /// The other worker's name, if another worker is on the same host.
    func sharedHost(of worker: DrainObservation.Worker) -> String? {
        guard !worker.host.isEmpty else {
            return nil
        }
        return seen.workers.first { $0.uid != worker.uid && $0.host == worker.host && !$0.isDeleting }?.name
    }
}
