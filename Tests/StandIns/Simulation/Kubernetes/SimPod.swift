import Kubernetes
import Wire

/// One pod as its kubelet sees it.
final class SimPod {
    /// How far it has come.
    enum Stage: Hashable {
        case unscheduled, creating, imageMissing, running, crashed, ended
    }

    /// Why it goes, and whose doing that is.
    enum End: Hashable {
        /// Its set's count was lowered, by this user at this time.
        case lowered(SimUser, Int64)
        /// Its node's labels were taken away.
        case unlabelled(SimUser, Int64)
        /// It was deleted, alone.
        case deleted(SimUser, Int64)
        /// Its set, or its runtime, goes altogether, or is rolled out anew.
        case replaced
    }

    let key: ObjectKey
    let uid: String
    let runtime: SimRuntime
    let isMaster: Bool
    let ordinal: Int?
    let revision: String
    var stage = Stage.unscheduled
    var node: SimNode?
    var isReady = false
    var isDeleting = false
    var restarts: Int64 = 0
    /// When its container began to run the last time; nil if it never did.
    var startedAt: Int64? {
        didSet { firstStartedAt = firstStartedAt ?? startedAt }
    }
    private(set) var firstStartedAt: Int64?
    var end: End?
    var webPort: Int64 = 30_000
    var address = ""
    /// Whether its image can't be pulled, or its container ends again and again.
    var isImageMissing = false
    var isCrashing = false

    init(
        key: ObjectKey, uid: String, runtime: SimRuntime, isMaster: Bool, ordinal: Int?, revision: String
    ) {
        self.key = key
        self.uid = uid
        self.runtime = runtime
        self.isMaster = isMaster
        self.ordinal = ordinal
        self.revision = revision
    }

    var isRunning: Bool { stage == .running }
    var hasEverStarted: Bool { startedAt != nil }
    var containerName: String { isMaster ? "alluxio-master" : "alluxio-worker" }

    /// What its spec says of its containers.
    var containers: JSON {
        let ports: JSON = [
            ["name": "rpc", "containerPort": .integer(webPort - 1)],
            ["name": "web", "containerPort": .integer(webPort)],
        ]
        var container: JSON = ["name": .string(containerName), "ports": ports]
        if isMaster, let limit = runtime.plan.masterMemory {
            container["resources"] = ["limits": ["memory": .string(limit)]]
        }
        return [container]
    }

    /// What its status says.
    func status(wall: (Int64) -> String) -> JSON {
        let began = startedAt.map(wall) ?? ""
        var state: JSON
        var last: JSON = [:]
        switch stage {
        case .unscheduled, .creating: state = ["waiting": ["reason": "ContainerCreating"]]
        case .imageMissing: state = ["waiting": ["reason": "ImagePullBackOff"]]
        case .running: state = ["running": ["startedAt": .string(began)]]
        case .crashed:
            state = ["waiting": ["reason": "CrashLoopBackOff"]]
            last = ["terminated": ["startedAt": .string(began), "exitCode": 1]]
        case .ended: state = ["terminated": ["startedAt": .string(began), "exitCode": 143]]
        }
        if restarts > 0, stage == .running { last = ["terminated": ["startedAt": .string(began), "exitCode": 1]] }
        var conditions: [JSON] = [["type": "Ready", "status": isReady ? "True" : "False"]]
        if stage == .unscheduled {
            conditions.append(["type": "PodScheduled", "status": "False", "reason": "Unschedulable"])
        }
        let phase = stage == .ended ? "Failed" : isRunning || stage == .crashed ? "Running" : "Pending"
        var status: JSON = ["phase": .string(phase), "conditions": .array(conditions)]
        guard let node else { return status }
        status["hostIP"] = .string(node.address)
        if hasEverStarted { status["podIP"] = .string(address) }
        var container: JSON = [
            "name": .string(containerName), "ready": .bool(isReady), "restartCount": .integer(restarts),
            "state": state, "lastState": last,
        ]
        if hasEverStarted {
            container["containerID"] = .string("containerd://\(uid)-\(restarts)")
            container["started"] = .bool(isRunning)
        }
        status["containerStatuses"] = [container]
        return status
    }
}

/// One node.
final class SimNode {
    let name: String
    let address: String
    var isUp = true
    var isCordoned = false

    init(name: String, address: String) {
        self.name = name
        self.address = address
    }
}
