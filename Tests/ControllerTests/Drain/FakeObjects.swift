import Wire

/// The objects of the small cluster, in the shapes that Fluid gives them.
enum FakeObjects {
    static func runtime(wanted: Int, present: Int, _ annotations: [String: String]) -> JSON {
        let zero: JSON = 0
        let count = JSON.integer(Int64(present))
        var notes: JSON = [:]
        for (name, value) in annotations { notes[name] = .string(value) }
        return [
            "metadata": [
                "name": "hbase", "namespace": "data", "uid": "runtime-1", "resourceVersion": "1", "annotations": notes,
            ],
            "spec": ["replicas": .integer(Int64(wanted))],
            "status": [
                "valueFile": "x", "masterPhase": "Ready", "workerPhase": "Ready", "fusePhase": "Ready",
                "desiredMasterNumberScheduled": 1, "currentMasterNumberScheduled": 1, "masterNumberReady": 1,
                "desiredWorkerNumberScheduled": count, "currentWorkerNumberScheduled": count,
                "workerNumberReady": count,
                "desiredFuseNumberScheduled": zero, "currentFuseNumberScheduled": zero, "fuseNumberReady": zero,
            ],
        ]
    }

    static func labels(_ role: String) -> JSON {
        ["app": "alluxio", "release": "hbase", "role": .string("alluxio-\(role)")]
    }

    static func set(replicas: Int) -> JSON {
        [
            "metadata": [
                "name": "hbase-worker", "namespace": "data", "uid": "set-1", "resourceVersion": "1",
                "labels": labels("worker"),
            ],
            "spec": ["replicas": .integer(Int64(replicas)), "updateStrategy": ["type": "OnDelete"]], "status": [:],
        ]
    }

    static let placing = "data.fluid.io/storage-data-hbase"

    static func node(_ name: String) -> JSON {
        [
            "metadata": [
                "name": .string(name), "uid": .string("uid-\(name)"), "resourceVersion": "1",
                "labels": .object([
                    .init(placing, "true"), .init("data.fluid.io/storage-alluxio-data-hbase", "true"),
                    .init("fluid_exclusive", "data_hbase"), .init("disk", "ssd"),
                ]),
            ]
        ]
    }

    static func daemonSet(workers: Int) -> JSON {
        [
            "metadata": [
                "name": "hbase-worker", "namespace": "data", "uid": "set-1", "resourceVersion": "1",
                "labels": labels("worker"),
            ],
            "spec": ["template": ["spec": ["nodeSelector": .object([.init(placing, "true")])]]],
            "status": ["desiredNumberScheduled": .integer(Int64(workers))],
        ]
    }

    static func isPlaced(_ pod: JSON, _ state: FakeCluster.State) -> Bool {
        let node = state.objects["\(FakeCluster.nodesPath)/\(pod["spec"]?["nodeName"]?.string ?? "")"]
        return node?["metadata"]?["labels"]?[placing] != nil
    }

    static func pod(_ name: String, role: String, address: String) -> JSON {
        [
            "metadata": [
                "name": .string(name), "namespace": "data", "uid": .string("uid-\(name)"), "labels": labels(role),
            ],
            "spec": [
                "nodeName": "n1",
                "containers": [
                    [
                        "name": .string("alluxio-\(role)"),
                        "ports": [["name": "web", "containerPort": 30000], ["name": "rpc", "containerPort": 29999]],
                    ]
                ],
            ],
            "status": [
                "phase": "Running", "hostIP": .string(address), "podIP": .string(address),
                "conditions": [["type": "Ready", "status": "True"]],
                "containerStatuses": [
                    [
                        "name": .string("alluxio-\(role)"), "ready": true,
                        "state": ["running": ["startedAt": "2026-11-23T00:00:00Z"]],
                    ]
                ],
            ],
        ]
    }
}
