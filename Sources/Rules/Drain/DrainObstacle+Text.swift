extension DrainObstacle {
    /// What it is, in one sentence; constant while the situation is.
    public var text: String {
        switch self {
        case .policy(let what): what
        case .paused(let why): "\(why.hasSuffix(".") ? String(why.dropLast()) : why)."
        case .replicasAbsent(let present):
            "spec.replicas is absent while there \(present == 1 ? "is" : "are") \(counted(present, "worker"))."
        case .rollingUpdate: "The workers are being rolled to a new revision."
        case .masterNotReady(let why): "The master is not ready: \(why)."
        case .masterUnreachable: "The alluxio client reaches no master."
        case .notRegistered(let worker): "\(worker) is not registered with the leading master."
        case .workerMissing(let worker): "The pod \(worker) is missing."
        case .workerUnreachable(let worker): "\(worker) can't be asked, and its cache comes back with it."
        case .listUnreadable(let worker, let why): "The list of \(worker) can't be read: \(why)."
        case .unpersisted(let worker, let file, let count):
            "\(worker) holds \(file)\(Self.more(count)) that is not persisted."
        case .pinned(let worker, let file, let count): "\(worker) holds \(file)\(Self.more(count)) that is pinned."
        case .tooManyPinned(let count): "\(counted(count, "pinned file")) would have to be unpinned and pinned again."
        case .tooMany(let count): "\(count) workers are to leave at once."
        case .budget: "Other drains are under way."
        case .decommissionUnsupported(let version): "Alluxio \(version) can't take a worker out of service."
        case .sharedHost(let worker, let host): "\(worker) shares the host \(host) with another worker."
        case .unsupported(let what): "This Alluxio can't free: \(what)."
        case .commandFailed(let said): "alluxio said: \(said)"
        case .deadline(let files, let bytes):
            "The deadline has passed with \(counted(files, "file")) and \(counted(bytes, "byte")) left."
        case .heldBySelf(let answered): "The lowering was put back to \(answered) by Sluice's own webhook."
        case .terminating(let pods): "Still terminating: \(pods.joined(separator: ", "))."
        case .nodesInUse: "Too few nodes with a worker are free of pods that mount the dataset."
        case .notRemoved(let wanted, let present):
            "\(counted(wanted, "worker")) wanted, \(present) present: the worker set is a DaemonSet, and Fluid removes none."
        case .undo(let worker, let why): "\(worker) can't be taken back into service yet: \(why)."
        }
    }

    /// What to do about it, in one sentence.
    public var remedy: String {
        switch self {
        case .policy: "Correct or remove the annotation."
        case .paused: "Remove the annotation sluice.dev/paused."
        case .replicasAbsent: "Write spec.replicas: 0, or the number of workers to keep."
        case .rollingUpdate: "Nothing; it goes on when all workers have the new revision."
        case .masterNotReady: "See the master pod's events and logs."
        case .masterUnreachable: "See whether the master has a leader: alluxio fsadmin report."
        case .notRegistered: "Wait, or see the worker's log for why it does not register."
        case .workerMissing: "See the events of the worker set for why the pod is not created."
        case .workerUnreachable: "Bring the worker up again, or set sluice.dev/drain: None to give its cache up."
        case .listUnreadable:
            "Allow get on pods/proxy and alluxio.web.file.info.enabled, or set sluice.dev/drain-fallback: Path."
        case .unpersisted: "Persist it (alluxio fs persist) or delete it."
        case .pinned: "Unpin it (alluxio fs unpin), or set sluice.dev/drain-pinned: Unpin."
        case .tooManyPinned: "Unpin them (alluxio fs unpin)."
        case .tooMany: "Scale down by at most \(DrainTiming.leavingMaximum) workers at a time."
        case .budget: "Nothing; it goes on when one of them ends."
        case .decommissionUnsupported: "Set sluice.dev/drain: Auto or Free, or run Alluxio 2.9.4 or later."
        case .sharedHost: "Set sluice.dev/drain: Auto or Free."
        case .unsupported: "Run Alluxio 2.x, or set sluice.dev/drain: None."
        case .commandFailed: "See the logs of the master pod."
        case .deadline: "See who reads there, raise sluice.dev/drain-deadline, or set sluice.dev/on-deadline: Remove."
        case .heldBySelf: "Give the webhook the reconciler's user name: --reconciler-user."
        case .terminating: "See why the pods do not end: finalizers, or a node that is gone."
        case .nodesInUse: "End a pod that uses the dataset, or scale back up."
        case .notRemoved:
            "With Fluid 0.4 or older run Sluice with --remove-by-node-label; with 0.5 or 0.6 end pods that use the dataset."
        case .undo: "Persist what it holds (alluxio fs persist), or delete its pod by hand."
        }
    }

    private static func more(_ count: Int) -> String {
        count > 1 ? " (and \(count - 1) more)" : ""
    }
}
