/// What the driver has to do after an input, in this order; the last one is always a wait.
public enum DrainEffect: Sendable, Hashable {
    /// Call the cache system; its end is an input.
    case call(CacheCall)
    /// Write to the cluster; what came of it is an input, and if it fails nothing after it is done.
    case write(DrainWrite)
    /// Tell users.
    case tell(DrainNotice)
    /// Wait for what stands in the way, for so long at most; without an obstacle there is nothing to do until a change.
    case wait(DrainObstacle?, Duration?)

    /// What it tells; nil if it does something else.
    public var notice: DrainNotice? {
        if case .tell(let notice) = self { notice } else { nil }
    }

    /// Whether it is a call.
    public var isCall: Bool { if case .call = self { true } else { false } }

    /// Whether it takes something away that a wish which was withdrawn meanwhile would leave.
    public var needsFreshLook: Bool {
        switch self {
        case .call(.free), .call(.remove), .call(.takeOutOfService), .write(.setReplicas), .write(.unlabel),
            .write(.deletePod):
            true
        case .call, .write, .tell, .wait: false
        }
    }

    /// The notice that a worker has gone, which is true whatever becomes of the effects beside it.
    public var removal: DrainNotice? {
        notice.flatMap { $0.kind == .undrained || $0.kind == .removed ? $0 : nil }
    }
}

/// One call of the cache system.
public enum CacheCall: Sendable, Hashable {
    /// Free a file, or a folder with all below it, on all workers.
    case free(AlluxioPath, isFolder: Bool)
    /// Remove these blocks from the worker whose pod has this uid, and from no other.
    case remove(ArraySlice<Int64>, from: String)
    /// Take this worker out of service: by the client, or at the master's port.
    case takeOutOfService(OutOfService, isByRPC: Bool = false)
    /// Tell the master to take this worker back.
    case takeBack(OutOfService)

    /// What is freed.
    public var path: AlluxioPath? { if case .free(let path, _) = self { path } else { nil } }
    /// How many blocks are removed.
    var blockCount: Int { if case .remove(let blocks, _) = self { blocks.count } else { 0 } }
    /// The worker that blocks are removed from.
    var worker: String? { if case .remove(_, let uid) = self { uid } else { nil } }
    /// Whether a whole folder is freed.
    public var isFolder: Bool { if case .free(_, true) = self { true } else { false } }
}

/// One write to the cluster, only to the objects that were looked at.
public enum DrainWrite: Sendable, Hashable {
    /// Mark the worker set as this drain's, and name the workers that are out of service.
    case fence(String, outOfService: [OutOfService])
    /// Take our marks off the worker set.
    case clearFence
    /// Write the worker set's count with the mark, if the set is still as it was seen.
    case setReplicas(from: Int, to: Int, fence: String?)
    /// Say which labels place a worker on this node, before they are taken away.
    case noteLabels(node: String)
    /// Take the labels away that place a worker on this node.
    case unlabel(node: String)
    /// Put them back.
    case relabel(RemovedLabels)
    /// Lower the two counts in the runtime's status that era A's next scale-out depends on.
    case lowerStatusCounts(to: Int)
    /// Touch the runtime, so that Fluid looks at once.
    case touch
    /// Delete this pod, if it still has this uid: only a restart brings its worker back into service (seen on 2.9.6).
    case deletePod(name: String, uid: String)
    /// Take the noted scale-in request off the worker set: it was granted, withdrawn or forgotten.
    case clearRequest
}

/// The labels that were taken off a node, with their values, to be put back if the drain is given up.
public struct RemovedLabels: Sendable, Hashable {
    /// The node.
    public var node: String
    /// Its labels.
    public var labels: [String: String]

    /// Makes some.
    public init(node: String, labels: [String: String]) {
        self.node = node
        self.labels = labels
    }
}

/// What came of a write.
public enum DrainWriteResult: Sendable, Hashable {
    /// It was done.
    case done
    /// The worker set's count is now this.
    case replicas(Int)
    /// These labels are to be taken off, or were.
    case unlabelled(RemovedLabels)
    /// The object changed in between: look again.
    case conflict
    /// It was refused, or nobody knows: `mayBeDone` where no answer came, or one that does not say.
    case refused(DrainObstacle, retryAfter: Duration?, mayBeDone: Bool)
}

/// Something to tell users: an event on the runtime and a line in the log.
public struct DrainNotice: Sendable, Hashable {
    /// The kind, which is the event's reason.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// Frees begin.
        case started = "DrainStarted"
        /// It goes on.
        case progress = "DrainProgress"
        /// Something stays behind, or will take longer than the deadline.
        case compromised = "DrainCompromised"
        /// Something stands in the way.
        case blocked = "DrainBlocked"
        /// A lower count waits until a cool-down has ended.
        case waiting = "DrainWaiting"
        /// The pods are gone.
        case removed = "WorkersRemoved"
        /// The drain was given up because more workers are wanted.
        case cancelled = "DrainCancelled"
        /// The worker set was raised, since Fluid does not, or since Kubernetes did not take the worker.
        case raised = "WorkersRaised"
        /// A worker was removed with something on it that nobody drained.
        case undrained = "UndrainedRemoval"
        /// A person said that a pod may go undrained.
        case skipped = "DrainSkipped"
    }

    /// The kind.
    public var kind: Kind
    /// One or two sentences.
    public var message: String

    /// Makes a notice.
    public init(_ kind: Kind, _ message: String) {
        self.kind = kind
        self.message = message
    }

    /// Whether the event is a warning.
    public var isWarning: Bool {
        switch kind {
        case .blocked, .compromised, .undrained, .skipped: true
        case .started, .progress, .waiting, .removed, .cancelled, .raised: false
        }
    }
}
