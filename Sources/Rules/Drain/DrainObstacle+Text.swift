extension DrainObstacle {
    /// The kind, as users see it in the condition, in events and in metrics.
    public var reason: String {
        switch self {
        case .policy: "Policy"
        case .paused: "Paused"
        case .replicasAbsent: "ReplicasAbsent"
        case .tooMany: "TooMany"
        case .unpersisted: "Unpersisted"
        case .pinned: "Pinned"
        case .fileName: "FileName"
        case .decommissionUnsupported: "DecommissionUnsupported"
        case .sharedHost: "SharedHost"
        case .unsupported: "Unsupported"
        case .deadline: "Deadline"
        case .lastWorker: "LastWorker"
        case .nodesInUse: "NodesInUse"
        case .notRemoved: "NotRemoved"
        case .heldBySelf: "HeldBySelf"
        case .anotherInstallation: "AnotherInstallation"
        case .definitionMissing: "DefinitionMissing"
        case .forbidden: "Forbidden"
        case .unreadableDrain: "UnreadableDrain"
        case .apiServer: "APIServer"
        case .rollingUpdate: "RollingUpdate"
        case .masterNotReady: "MasterNotReady"
        case .masterUnreachable: "MasterUnreachable"
        case .notRegistered: "NotRegistered"
        case .workerMissing: "WorkerMissing"
        case .workerUnreachable: "WorkerUnreachable"
        case .placeUnknown: "PlaceUnknown"
        case .slowWorker: "SlowWorker"
        case .lowerNotReady: "LowerNotReady"
        case .notTaken: "NotTaken"
        case .notObserved: "NotObserved"
        case .terminating: "Terminating"
        case .undo: "Undo"
        case .budget: "Budget"
        case .portUnreachable: "PortUnreachable"
        case .listMoves: "ListMoves"
        case .listSwitchedOff: "ListSwitchedOff"
        case .listUnreadable: "ListUnreadable"
        case .inFlight: "InFlight"
        case .capacityChanged: "CapacityChanged"
        case .commandFailed: "CommandFailed"
        case .refilling: "Refilling"
        case .looking: "Looking"
        case .calling: "CallRunning"
        case .serviceChanges: "ServiceChanging"
        case .admission: "AwaitingAdmission"
        case .coolingDown: "CoolingDown"
        case .fluid: "AwaitingFluid"
        }
    }

    /// What it is, in one sentence; constant while the situation is.
    public var text: String {
        switch self {
        case .policy(let what): what
        case .paused(let why): "\(why.hasSuffix(".") ? String(why.dropLast()) : why)."
        case .replicasAbsent(let present):
            "spec.replicas is absent or negative while there \(present == 1 ? "is" : "are") \(counted(present, "worker"))."
        case .tooMany(let count): "\(count) workers are to leave at once."
        case .unpersisted(let worker, let file, let count):
            "\(worker) holds \(file)\(Self.more(count)) that is not persisted."
        case .fileName(let worker, let file): "\(worker) holds \(file), a name that alluxio fs free can't be given."
        case .pinned(let worker, let file, let count):
            "\(worker) holds \(file)\(Self.more(count)) that is pinned, or demands more replicas than other workers hold."
        case .decommissionUnsupported(let version): "Alluxio \(version) can't take a worker out of service."
        case .sharedHost(let worker, let host): "\(worker) shares the host \(host) with another worker."
        case .unsupported(let what): "This Alluxio can't free: \(what)."
        case .deadline(let why): "The deadline has passed without progress, and \(why)."
        case .lastWorker: "Fluid up to 0.5 never starts a worker again once none is left."
        case .nodesInUse: "Too few nodes with a worker are free of pods that mount the dataset."
        case .notRemoved(let wanted, let present):
            "\(counted(wanted, "worker")) wanted, \(present) present: the worker set is a DaemonSet, and nobody removes any."
        case .heldBySelf(let answered): "What was written was put back to \(answered) by a webhook."
        case .anotherInstallation(let name): "Another installation of Sluice (\(name)) drains this runtime."
        case .definitionMissing:
            "The cluster has no WorkerDrain (workerdrains.sluice.dev), so that nothing can be drained."
        case .forbidden(let what): "Sluice may not \(what)."
        case .unreadableDrain(let why): "The WorkerDrain can't be read: \(why)."
        case .apiServer(let what): "The API server does not do what is asked: \(what)."
        case .rollingUpdate: "The workers are being rolled to a new revision."
        case .masterNotReady(let why): "The master is not ready: \(why)."
        case .masterUnreachable(let why): "The alluxio client reaches no master\(why.isEmpty ? "" : ": \(why)")."
        case .notRegistered(let worker): "\(worker) is not registered with the leading master."
        case .workerMissing(let worker):
            "The pod \(worker) is missing, and a worker is known that may have run in its place: its cache comes back with it."
        case .workerUnreachable(let worker, let why): "\(worker) can't be asked what it holds: \(why)."
        case .placeUnknown(let worker, let why):
            "\(worker) can't run (\(why)), and a worker is known where it belongs: what lies there is unknown."
        case .slowWorker(let worker): "\(worker) answers more slowly than what it says can be relied on."
        case .lowerNotReady(let worker): "Kubernetes removes no worker (OrderedReady) while \(worker) is not ready."
        case .notTaken(let worker): "Kubernetes did not remove \(worker) after the lowering, so that it was put back."
        case .notObserved: "The controller of StatefulSets has not seen the lower count."
        case .terminating(let pods): "Still terminating: \(listed(pods, most: 8))."
        case .undo(let worker, let why): "\(worker) can't be taken back into service yet: \(why)."
        case .budget: "Other drains are under way."
        case .portUnreachable(let why): "RPC can't be had: \(why)."
        case .listMoves(let worker):
            "The list of \(worker) moves while it is read: clients use it, or it is just being emptied."
        case .listSwitchedOff(let worker): "\(worker) does not show its files."
        case .listUnreadable(let worker, let why): "What \(worker) says can't be relied on: \(why)."
        case .inFlight(let worker): "\(worker) uses more bytes than its files explain: something is being written."
        case .capacityChanged(let worker):
            "\(worker) has less capacity than at the start, or than it is configured with: one of its folders fails."
        case .commandFailed(let why):
            "A call of alluxio did not end as it should: \(why.hasSuffix(".") ? String(why.dropLast()) : why)."
        case .refilling: "What is freed is filled again, or stays although alluxio says that it was freed."
        case .looking: "A look takes long."
        case .calling: "A call of alluxio takes long."
        case .serviceChanges(let worker): "The master does not change the service of \(worker) yet."
        case .admission: "All is drained; the lower count waits to be asked for again."
        case .coolingDown: "A drain has just ended."
        case .fluid: "Fluid has not brought the workers to what is wanted yet."
        }
    }

    /// What to do about it, in one sentence.
    public var remedy: String {
        switch self {
        case .policy: "Correct or remove the annotation."
        case .paused: "Remove the annotation sluice.dev/paused."
        case .replicasAbsent: "Write spec.replicas: 0, or the number of workers to keep."
        case .tooMany: "Scale down by at most \(DrainTiming.leavingMaximum) workers at a time."
        case .unpersisted: "Persist it (alluxio fs persist) or delete it."
        case .pinned:
            "Unpin it (alluxio fs unpin) or let it have fewer replicas (alluxio fs setReplication). With sluice.dev/drain-pinned: Evict it goes all the same, by RPC, as long as other workers stay."
        case .decommissionUnsupported: "Set sluice.dev/drain: Auto or Free, or run Alluxio 2.9.4 or later."
        case .sharedHost: "Set sluice.dev/drain: Auto or Free."
        case .unsupported: "Run Alluxio 2.x, or set sluice.dev/drain: None."
        case .deadline: "See who reads there, raise sluice.dev/drain-deadline, or set sluice.dev/on-deadline."
        case .lastWorker: "Keep one worker, or delete the runtime."
        case .nodesInUse: "End a pod that uses the dataset, or scale back up."
        case .notRemoved:
            "With Fluid 0.4 or older run Sluice with --remove-by-node-label; with 0.5 or 0.6 end pods that use the dataset."
        case .fileName: "Let Sluice reach the RPC ports of master and workers, or rename or delete the file."
        case .heldBySelf:
            "Give the webhook the reconciler's user name (--reconciler-user); if Sluice is installed twice, remove one."
        case .anotherInstallation: "Remove one of the two."
        case .definitionMissing: "Apply webhook-config/base/workerdrains.yaml."
        case .forbidden: "Give Sluice's account that right; webhook-config/base/rbac.yaml has each, by role."
        case .unreadableDrain:
            "Delete the WorkerDrain, or run the version of Sluice that wrote it; the drain begins anew."
        case .apiServer: "See the API server's load and its logs; it is tried again."
        case .rollingUpdate: "See why the roll-out does not end; delete a pod that is stuck on the old revision."
        case .masterNotReady: "See the master pod's events and logs."
        case .masterUnreachable: "See whether the master has a leader: alluxio fsadmin report."
        case .notRegistered: "See the worker's log for why, or delete its pod if it was taken out of service."
        case .workerMissing:
            "See the worker set's events for why the pod is not made; or give its cache up: sluice.dev/skip-drain: \"<pod name>: reason\"."
        case .workerUnreachable, .placeUnknown:
            "Bring it up again, or give its cache up: sluice.dev/skip-drain: \"<pod uid>: reason\" on the runtime."
        case .slowWorker: "See the load of the worker and of its node."
        case .lowerNotReady: "Repair it; the highest worker alone may go while it is broken."
        case .notTaken: "See the events of the worker set and the worker's pod."
        case .notObserved: "See whether kube-controller-manager runs and leads."
        case .terminating: "See why the pods do not end: finalizers, or a node that is gone."
        case .undo: "Persist what it holds (alluxio fs persist), or delete its pod by hand."
        case .budget: "Nothing; it goes on when one of them ends."
        case .portUnreachable:
            "Let Sluice reach the containers' ports rpc, or get and create pods/portforward; or set sluice.dev/drain-client: Auto."
        case .listMoves: "Stop who reads and writes there, or wait for a quieter time."
        case .listSwitchedOff: "Set alluxio.web.file.info.enabled: true, or set sluice.dev/drain-scope: Path."
        case .listUnreadable: "See the worker's log, and whether the API server reaches the pod's port web."
        case .inFlight: "Wait for the upload, or end it."
        case .capacityChanged: "See the worker's log for the folder that fails; restart the worker when it is mended."
        case .commandFailed: "See the logs of the master pod, or of the worker that is named."
        case .refilling:
            "See who reads there; sluice.dev/on-deadline says what happens after sluice.dev/drain-deadline."
        case .calling: "See the logs of the master pod and of the leaving worker."
        case .serviceChanges: "See alluxio fsadmin report capacity."
        case .admission: "Write the lower count again."
        case .looking, .coolingDown: "Nothing; it goes on by itself."
        case .fluid: "See the log of Fluid's alluxioruntime-controller."
        }
    }

    private static func more(_ count: Int) -> String {
        count > 1 ? " (and \(count - 1) more)" : ""
    }
}
