import Testing

extension OnACluster {
    /// What an update may and may not do: only what it changes is judged.
    @Suite struct `An update of a runtime` {
        static var broken: [[String: Any]] { [["mediumtype": "MEM", "path": "/dev/shm"]] }

        @Test func `may not drop the number of workers`() async throws {
            try await inPlace { place in
                expectAdmitted(try place.create(.runtime, runtime("cache", replicas: 3)))
                expectRefused(try place.remove(.runtime, "cache", "/spec/replicas"), "E106 spec.replicas", "keep 3")
                #expect(try place.get(.runtime, "cache")["spec"]["replicas"].int == 3)
                expectAdmitted(try place.patch(.runtime, "cache", ["spec": ["replicas": 0]]))
                expectAdmitted(try place.remove(.runtime, "cache", "/spec/replicas"))
            }
        }

        @Test func `by kubectl apply without the line is refused, as it would empty the cache`() async throws {
            try await inPlace { place in
                #expect(try place.kubectlApply(runtime("cache", replicas: 3, tiers: [memory])).succeeded)
                let dropped = try place.kubectlApply(runtime("cache", tiers: [memory]))
                #expect(!dropped.succeeded)
                #expect(dropped.errors.contains("E106"), "\(dropped)")
                #expect(try place.get(.runtime, "cache")["spec"]["replicas"].int == 3)
            }
        }

        @Test func `by kubectl replace without the bounds that were filled in is told so`() async throws {
            try await inPlace { place in
                let minimal = runtime("cache", replicas: 2)
                expectAdmitted(try place.create(.runtime, minimal))
                let replaced = try place.kubectl("replace", "--validate=false", "-f", "-", input: json(minimal))
                #expect(replaced.succeeded && replaced.errors.contains("W112"), "\(replaced)")
                #expect(try place.get(.runtime, "cache")["metadata"]["annotations"]["sluice.dev/max-replicas"].isAbsent)
                // The bounds that a person wrote go without a word, as they came.
                expectAdmitted(try place.patch(.runtime, "cache", ["metadata": ["annotations": bounds(1, 4)]]))
                let again = try place.kubectl("replace", "--validate=false", "-f", "-", input: json(minimal))
                #expect(again.succeeded && !again.errors.contains("W112"), "\(again)")
            }
        }

        @Test func `stays within bounds that a person wrote, or is 0`() async throws {
            try await inPlace { place in
                expectAdmitted(try place.create(.runtime, runtime("cache", replicas: 2, annotations: bounds(2, 4))))
                expectRefused(try place.patch(.runtime, "cache", ["spec": ["replicas": 5]]), "E105")
                expectRefused(try place.patch(.runtime, "cache", ["spec": ["replicas": 1]]), "E104")
                #expect(try place.get(.runtime, "cache")["spec"]["replicas"].int == 2)
                expectAdmitted(try place.patch(.runtime, "cache", ["spec": ["replicas": 4]]))
                expectAdmitted(try place.patch(.runtime, "cache", ["spec": ["replicas": 0]]))
            }
        }

        @Test func `beyond a maximum that was filled in only gets a warning`() async throws {
            try await inPlace { place in
                expectAdmitted(try place.create(.runtime, runtime("cache")))
                expectAdmitted(try place.patch(.runtime, "cache", ["spec": ["replicas": 11]]), warning: "W106")
                #expect(try place.get(.runtime, "cache")["spec"]["replicas"].int == 11)
            }
        }

        @Test func `towards the bounds passes, and away from them does not`() async throws {
            try await inPlace { place in
                try await withoutWebhooks(place) {
                    expectAdmitted(
                        try place.create(.runtime, runtime("cache", replicas: 12, annotations: bounds(2, 4))))
                }
                expectRefused(try place.patch(.runtime, "cache", ["spec": ["replicas": 13]]), "E105")
                expectAdmitted(try place.patch(.runtime, "cache", ["spec": ["replicas": 8]]), warning: "W107")
                expectRefused(try place.patch(.runtime, "cache", ["spec": ["replicas": 9]]), "E105")
                #expect(try place.get(.runtime, "cache")["spec"]["replicas"].int == 8)
            }
        }

        @Test func `of the bounds is judged like one of the count`() async throws {
            try await inPlace { place in
                expectAdmitted(try place.create(.runtime, runtime("cache", replicas: 4, annotations: bounds(2, 4))))
                let lowered = ["metadata": ["annotations": ["sluice.dev/max-replicas": "3"]]]
                expectRefused(try place.patch(.runtime, "cache", lowered), "E105")
                let unreadable = ["metadata": ["annotations": ["sluice.dev/max-replicas": "some"]]]
                expectRefused(try place.patch(.runtime, "cache", unreadable), "E109")
                let raised = ["metadata": ["annotations": ["sluice.dev/max-replicas": "6"]]]
                expectAdmitted(try place.patch(.runtime, "cache", raised))
            }
        }

        @Test func `leaves alone what was wrong before and still is`() async throws {
            try await inPlace { place in
                try await withoutWebhooks(place) {
                    expectAdmitted(
                        try place.create(
                            .runtime, runtime("20-cache", replicas: 9, annotations: bounds(2, 4), tiers: Self.broken)))
                }
                expectAdmitted(try place.patch(.runtime, "20-cache", ["metadata": ["labels": ["a": "b"]]]))
                expectAdmitted(try place.patch(.runtime, "20-cache", ["spec": ["jvmOptions": ["-Xmx1g"]]]))
                let worse: [[String: Any]] = [["mediumtype": "SSD", "path": "/mnt"]]
                let change = ["spec": ["tieredstore": ["levels": worse]]]
                expectRefused(try place.patch(.runtime, "20-cache", change), "E107")
                let better = ["spec": ["tieredstore": ["levels": [memory]]]]
                expectAdmitted(try place.patch(.runtime, "20-cache", better))
            }
        }

        @Test func `never stands in the way of a deletion`() async throws {
            try await inPlace { place in
                try await withoutWebhooks(place) {
                    var old = runtime("cache", replicas: 9, tiers: Self.broken)
                    old["metadata"] =
                        [
                            "name": "cache", "annotations": bounds(2, 4),
                            "finalizers": ["example.com/wait"],
                        ] as [String: Any]
                    expectAdmitted(try place.create(.runtime, old))
                }
                try place.delete(.runtime, "cache")
                #expect(try !place.get(.runtime, "cache")["metadata"]["deletionTimestamp"].isAbsent)
                // As Fluid does: the whole object back, without the finalizer; here without its spec, too.
                let released = try place.replace(.runtime, "cache") { object in
                    var metadata = object["metadata"] as? [String: Any] ?? [:]
                    metadata["finalizers"] = [String]()
                    object["metadata"] = metadata
                    object["spec"] = [:] as [String: Any]
                }
                expectAdmitted(released)
                try await eventually("the runtime is gone") { try !place.exists(.runtime, "cache") }
            }
        }

        @Test func `of status and finalizers passes`() async throws {
            try await inPlace { place in
                expectAdmitted(try place.create(.runtime, runtime("cache", replicas: 2)))
                expectAdmitted(try place.patch(.runtime, "cache", "status", ["status": fluidStatus(workers: 2)]))
                #expect(try place.get(.runtime, "cache")["status"]["desiredWorkerNumberScheduled"].int == 2)
                let finalizers = ["alluxio-runtime-controller-finalizer"]
                expectAdmitted(try place.patch(.runtime, "cache", ["metadata": ["finalizers": finalizers]]))
                expectAdmitted(try place.patch(.runtime, "cache", ["metadata": ["finalizers": [String]()]]))
            }
        }

        /// What Fluid's controller writes within half a second of a CREATE: a full update from Go types, which drops
        /// an explicit `false`, adds empty structs, and sets a memory request.
        @Test func `by Fluid's own controller passes`() async throws {
            try await inPlace { place in
                expectAdmitted(try place.create(.runtime, runtime("cache", tiers: [memory])))
                let written = try place.replace(.runtime, "cache") { object in
                    var spec = object["spec"] as? [String: Any] ?? [:]
                    spec["disablePrometheus"] = nil
                    for part in [
                        "alluxioVersion", "master", "jobMaster", "jobWorker", "apiGateway", "fuse", "initUsers",
                    ] {
                        spec[part] = [:] as [String: Any]
                    }
                    spec["worker"] = ["resources": ["requests": ["memory": "2Gi"]]]
                    spec["data"] = ["pin": false, "replicas": 0] as [String: Any]
                    spec["management"] =
                        [
                            "cleanCachePolicy": ["gracePeriodSeconds": 60, "maxRetryAttempts": 3],
                            "metadataSyncPolicy": [:],
                        ] as [String: Any]
                    object["spec"] = spec
                }
                expectAdmitted(written)
                #expect(written.warnings == [])
                #expect(try place.get(.runtime, "cache")["spec"]["replicas"].int == 1)
            }
        }
    }
}

/// The thirteen fields that every version of Fluid writes together.
func fluidStatus(workers: Int, selector: String? = nil) -> [String: Any] {
    var status: [String: Any] = [
        "valueFile": "cache-alluxio-values", "masterPhase": "Ready", "workerPhase": "Ready", "fusePhase": "Ready",
        "desiredMasterNumberScheduled": 1, "currentMasterNumberScheduled": 1, "masterNumberReady": 1,
        "desiredWorkerNumberScheduled": workers, "currentWorkerNumberScheduled": workers, "workerNumberReady": workers,
        "desiredFuseNumberScheduled": 0, "currentFuseNumberScheduled": 0, "fuseNumberReady": 0,
    ]
    if let selector { status["selector"] = selector }
    return status
}
