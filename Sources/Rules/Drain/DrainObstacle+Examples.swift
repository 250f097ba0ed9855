extension DrainObstacle {
    /// One of each kind, in the order in which a reader looks for them: for documentation, and for tests of all of them.
    public static let examples: [DrainObstacle] = [
        .policy("sluice.dev/drain is \"Fre\", not Free, Decommission, Auto or None."), .paused("disks are changed"),
        .replicasAbsent(present: 3), .tooMany(600),
        .unpersisted(worker: "hbase-worker-2", file: "\"/a\"", count: 2),
        .fileName(worker: "hbase-worker-2", file: "\"/data/part-*\""),
        .pinned(worker: "hbase-worker-2", file: "\"/a\"", count: 1), .decommissionUnsupported("2.9.0"),
        .sharedHost(worker: "hbase-worker-2", host: "10.0.0.2"), .unsupported("version 1.8"),
        .deadline("something is left"), .lastWorker, .nodesInUse, .notRemoved(wanted: 1, present: 2),
        .heldBySelf(answered: 3), .anotherInstallation("other/sluice"), .definitionMissing,
        .forbidden("get and create pods/exec"), .unreadableDrain("spec.version is 99"),
        .apiServer("list pods: no answer in time"), .rollingUpdate, .masterNotReady("there is no ready master"),
        .masterUnreachable(""), .notRegistered(worker: "hbase-worker-2"), .workerMissing(worker: "hbase-worker-2"),
        .workerUnreachable(worker: "hbase-worker-2", why: "status 503"),
        .placeUnknown(worker: "hbase-worker-2", why: "ImagePullBackOff"), .slowWorker(worker: "hbase-worker-2"),
        .lowerNotReady(worker: "hbase-worker-0"), .notTaken(worker: "hbase-worker-2"), .notObserved,
        .terminating(["hbase-worker-2"]), .undo(worker: "hbase-worker-2", why: "what it holds can't be read"), .budget,
        .portUnreachable("hbase-worker-2: connection refused"), .listMoves(worker: "hbase-worker-2"),
        .listSwitchedOff(worker: "hbase-worker-2"), .listUnreadable(worker: "hbase-worker-2", why: "no JSON"),
        .inFlight(worker: "hbase-worker-2"), .capacityChanged(worker: "hbase-worker-2"),
        .commandFailed("no answer in time"), .refilling, .looking, .calling,
        .serviceChanges(worker: "hbase-worker-2"), .fluid, .admission, .coolingDown,
    ]
}
