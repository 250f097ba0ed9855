import Testing

extension OnACluster {
    /// H401: a lowered count of a worker set is put back until somebody has drained it.
    @Suite struct `A worker set` {
        /// A runtime with a worker set of three.
        func withThree(_ test: (Place) async throws -> Void) async throws {
            try await inPlace { place in
                expectAdmitted(try place.create(.runtime, runtime("cache", replicas: 3)))
                expectAdmitted(try place.create(.statefulSet, workerSet(of: "cache", replicas: 3)))
                // A Scale has no labels: that it is a worker set's is told by the store.
                try await eventually("the worker set is known") {
                    try place.scale(.statefulSet, "cache-worker", to: 0, dryRun: true).json["spec"]["replicas"].int == 3
                }
                try await test(place)
            }
        }
        func expectThree(_ place: Place, location: SourceLocation = #_sourceLocation) throws {
            let stored = try place.get(.statefulSet, "cache-worker")
            #expect(stored["spec"]["replicas"].int == 3, sourceLocation: location)
            #expect(stored["metadata"]["generation"].int == 1, sourceLocation: location)
        }

        @Test func `is held when kubectl scales it`() async throws {
            try await withThree { place in
                let scaled = try place.kubectl("scale", "statefulset", "cache-worker", "--replicas=1")
                #expect(scaled.succeeded, "\(scaled)")
                #expect(
                    scaled.errors.contains(
                        "Warning: H401 spec.replicas: stays 3, cache-worker-1 and -2 are not drained"), "\(scaled)")
                try expectThree(place)
            }
        }

        @Test func `is held when its scale subresource is written`() async throws {
            try await withThree { place in
                let scaled = try place.scale(.statefulSet, "cache-worker", to: 2)
                expectAdmitted(scaled, warning: "H401 spec.replicas: stays 3, cache-worker-2 is not drained")
                #expect(scaled.json["spec"]["replicas"].int == 3)
                let patched = try place.patch(.statefulSet, "cache-worker", "scale", ["spec": ["replicas": 0]])
                expectAdmitted(patched, warning: "H401 spec.replicas: stays 3, cache-worker-0 to -2 are not drained")
                try expectThree(place)
            }
        }

        @Test func `is held when it is patched, replaced or applied`() async throws {
            try await withThree { place in
                let patched = try place.patch(.statefulSet, "cache-worker", ["spec": ["replicas": 1]])
                expectAdmitted(patched, warning: "H401")
                #expect(patched.json["spec"]["replicas"].int == 3)
                let replaced = try place.replace(.statefulSet, "cache-worker") { object in
                    var spec = object["spec"] as? [String: Any] ?? [:]
                    spec["replicas"] = 0
                    object["spec"] = spec
                }
                expectAdmitted(replaced, warning: "H401")
                let applied = try place.apply(.statefulSet, workerSet(of: "cache", replicas: 2))
                expectAdmitted(applied, warning: "H401")
                #expect(try place.get(.statefulSet, "cache-worker")["spec"]["replicas"].int == 3)
            }
        }

        @Test func `is held on a dry run with the same answer`() async throws {
            try await withThree { place in
                let tried = try place.patch(.statefulSet, "cache-worker", ["spec": ["replicas": 1]], dryRun: true)
                expectAdmitted(tried, warning: "H401")
                #expect(tried.json["spec"]["replicas"].int == 3)
                let scaled = try place.scale(.statefulSet, "cache-worker", to: 1, dryRun: true)
                expectAdmitted(scaled, warning: "H401")
                try expectThree(place)
            }
        }

        @Test func `is held although its labels are taken off in the same request`() async throws {
            try await withThree { place in
                let change: [String: Any] = [
                    "metadata": ["labels": ["app": "other", "role": "other"]], "spec": ["replicas": 0],
                ]
                let changed = try place.patch(.statefulSet, "cache-worker", change)
                expectAdmitted(changed, warning: "H401", "H402 metadata.labels: app stays alluxio, role stays")
                try expectThree(place)
                #expect(
                    try place.get(.statefulSet, "cache-worker")["metadata"]["labels"]["role"].string == "alluxio-worker"
                )
            }
        }

        @Test func `keeps its labels, so that the next request is asked about too`() async throws {
            try await withThree { place in
                let worker = { try place.get(.statefulSet, "cache-worker")["metadata"]["labels"] }
                let before = try worker().description
                let unlabelled = try place.remove(.statefulSet, "cache-worker", "/metadata/labels/role")
                expectAdmitted(unlabelled, warning: "H402 metadata.labels: role stays alluxio-worker")
                let emptied = try place.remove(.statefulSet, "cache-worker", "/metadata/labels")
                expectAdmitted(emptied, warning: "H402")
                #expect(try worker().description == before)
                let renamed = ["metadata": ["labels": ["app": "other", "own": "1"]]]
                expectAdmitted(try place.patch(.statefulSet, "cache-worker", renamed), warning: "H402")
                #expect(try worker()["app"].string == "alluxio")
                #expect(try worker()["own"].string == "1")
                expectAdmitted(
                    try place.patch(.statefulSet, "cache-worker", ["spec": ["replicas": 1]]), warning: "H401")
                try expectThree(place)
            }
        }

        @Test(.enabled("ordinals, which Kubernetes has since 1.27") { KubernetesVersion.minor >= 27 })
        func `whose ordinals start elsewhere is held by the names of its own workers`() async throws {
            try await inPlace { place in
                expectAdmitted(try place.create(.runtime, runtime("cache", replicas: 3)))
                var set = workerSet(of: "cache", replicas: 3)
                var spec = set["spec"] as? [String: Any] ?? [:]
                spec["ordinals"] = ["start": 5]
                set["spec"] = spec
                expectAdmitted(try place.create(.statefulSet, set))
                let lowered = try place.patch(.statefulSet, "cache-worker", ["spec": ["replicas": 1]])
                expectAdmitted(
                    lowered, warning: "H401 spec.replicas: stays 3, cache-worker-6 and -7 are not drained")
                try expectThree(place)
                #expect(try place.get(.statefulSet, "cache-worker")["spec"]["ordinals"]["start"].int == 5)
            }
        }

        @Test func `takes everything else of an update that is held`() async throws {
            try await withThree { place in
                let change: [String: Any] = [
                    "metadata": ["annotations": ["a": "b"]],
                    "spec": ["replicas": 1, "template": ["metadata": ["annotations": ["c": "d"]]]],
                ]
                expectAdmitted(try place.patch(.statefulSet, "cache-worker", change), warning: "H401")
                let stored = try place.get(.statefulSet, "cache-worker")
                #expect(stored["spec"]["replicas"].int == 3)
                #expect(stored["metadata"]["annotations"]["a"].string == "b")
                #expect(stored["spec"]["template"]["metadata"]["annotations"]["c"].string == "d")
            }
        }

        @Test func `warns in the same words as long as the situation is the same`() async throws {
            try await withThree { place in
                let texts = try (0..<3).map { _ in
                    try place.patch(.statefulSet, "cache-worker", ["spec": ["replicas": 1]]).warnings
                }
                #expect(Set(texts).count == 1)
                #expect(texts[0].count == 1)
                #expect(texts[0].allSatisfy { $0.utf8.count <= 120 })
            }
        }

        @Test func `may grow, and any other update passes without a word`() async throws {
            try await withThree { place in
                let grown = try place.scale(.statefulSet, "cache-worker", to: 5)
                expectAdmitted(grown)
                #expect(grown.warnings == [])
                #expect(try place.get(.statefulSet, "cache-worker")["spec"]["replicas"].int == 5)
                let labelled = try place.patch(.statefulSet, "cache-worker", ["metadata": ["labels": ["a": "b"]]])
                expectAdmitted(labelled)
                #expect(labelled.warnings == [])
            }
        }

        @Test func `may be lowered by the user that Sluice runs under, and by nobody else`() async throws {
            try await withThree { place in
                let lowered = try place.patch(
                    .statefulSet, "cache-worker", ["spec": ["replicas": 2]], by: "user-\(World.user)")
                expectAdmitted(lowered)
                #expect(lowered.warnings == [])
                #expect(try place.get(.statefulSet, "cache-worker")["spec"]["replicas"].int == 2)
                expectAdmitted(
                    try place.patch(.statefulSet, "cache-worker", ["spec": ["replicas": 1]]), warning: "H401")
                #expect(try place.get(.statefulSet, "cache-worker")["spec"]["replicas"].int == 2)
            }
        }

        @Test func `may be lowered when its runtime wants no drain`() async throws {
            try await withThree { place in
                let change = ["metadata": ["annotations": ["sluice.dev/drain": "None"]]]
                expectAdmitted(try place.patch(.runtime, "cache", change))
                try await eventually("the policy is known") {
                    try place.patch(.statefulSet, "cache-worker", ["spec": ["replicas": 1]]).json["spec"]["replicas"]
                        .int == 1
                }
                #expect(try place.get(.statefulSet, "cache-worker")["spec"]["replicas"].int == 1)
            }
        }

        @Test func `may be lowered when its runtime is gone or going`() async throws {
            try await inPlace { place in
                var going = runtime("cache", replicas: 3)
                going["metadata"] = ["name": "cache", "finalizers": ["example.com/wait"]] as [String: Any]
                expectAdmitted(try place.create(.runtime, going))
                expectAdmitted(try place.create(.statefulSet, workerSet(of: "cache", replicas: 3)))
                expectAdmitted(
                    try place.patch(.statefulSet, "cache-worker", ["spec": ["replicas": 2]]), warning: "H401")
                try place.delete(.runtime, "cache")
                try await eventually("the deletion is known") {
                    try place.patch(.statefulSet, "cache-worker", ["spec": ["replicas": 2]]).json["spec"]["replicas"]
                        .int == 2
                }
                expectAdmitted(try place.patch(.runtime, "cache", ["metadata": ["finalizers": [String]()]]))
                try await eventually("the runtime is gone") { try !place.exists(.runtime, "cache") }
                try await eventually("that is known") {
                    try place.scale(.statefulSet, "cache-worker", to: 1).json["spec"]["replicas"].int == 1
                }
            }
        }

        @Test func `of a runtime that was deleted and made again is held`() async throws {
            try await withThree { place in
                try place.delete(.runtime, "cache")
                expectAdmitted(try place.create(.runtime, runtime("cache", replicas: 1)))
                expectAdmitted(
                    try place.patch(.statefulSet, "cache-worker", ["spec": ["replicas": 1]]), warning: "H401")
                try expectThree(place)
            }
        }

        @Test func `can be deleted`() async throws {
            try await withThree { place in
                #expect(try place.delete(.statefulSet, "cache-worker").succeeded)
                try await eventually("it is gone") { try !place.exists(.statefulSet, "cache-worker") }
            }
        }

        @Test func `is none without any of its marks, and may be lowered`() async throws {
            try await inPlace { place in
                expectAdmitted(try place.create(.runtime, runtime("cache", replicas: 3)))
                expectAdmitted(try place.create(.statefulSet, workerSet(of: "cache", replicas: 3, marks: [])))
                let lowered = try place.patch(.statefulSet, "cache-worker", ["spec": ["replicas": 1]])
                expectAdmitted(lowered)
                #expect(try place.get(.statefulSet, "cache-worker")["spec"]["replicas"].int == 1)
            }
        }
    }
}
