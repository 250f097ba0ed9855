import Testing

extension OnACluster {
    /// The worker set of a living runtime, deleted: nobody refuses that, and somebody tells it.
    @Suite struct `A deleted worker set` {
        @Test func `of a living runtime is told by an event and counted, and one of a dying runtime is not`()
            async throws
        {
            try await inPlace { place in
                let reconciler = try SluiceProcess(
                    folder: place.world.folder, name: "reconciler",
                    [
                        "--roles", "reconciler", "--lease-namespace", "sluice-system", "--kubeconfig",
                        place.world.sluice.kubeconfig,
                    ])
                try await reconciler.waitUntilReady()
                try await eventually("it leads", withinSeconds: 60) { try reconciler.metric("sluice_leader") == 1 }
                for name in ["lives", "dies"] {
                    var object = runtime(name, replicas: 3)
                    object["metadata"] = ["name": name, "finalizers": ["example.com/wait"]] as [String: Any]
                    expectAdmitted(try place.create(.runtime, object))
                    expectAdmitted(try place.create(.statefulSet, workerSet(of: name, replicas: 3)))
                }
                try place.delete(.runtime, "dies")
                // Both are known when a scale of the one that lives is held.
                try await eventually("the worker sets are known") {
                    try place.scale(.statefulSet, "lives-worker", to: 0, dryRun: true).json["spec"]["replicas"].int == 3
                }
                #expect(try place.delete(.statefulSet, "dies-worker").succeeded)
                #expect(try place.delete(.statefulSet, "lives-worker").succeeded)
                func events() throws -> [JSON] {
                    try place.api.get("/api/v1/namespaces/\(place.namespace)/events")["items"].array.filter {
                        $0["reason"].string == "WorkerSetDeleted"
                    }
                }
                try await eventually("it is told", withinSeconds: 30) { try !events().isEmpty }
                let told = try events()
                #expect(told.map { $0["involvedObject"]["name"].string } == ["lives"])
                #expect(told.first?["message"].string?.contains("its 3 workers went undrained") == true)
                let labels = "{namespace=\"\(place.namespace)\",runtime=\"lives\"}"
                #expect(try reconciler.metric("sluice_worker_set_deletions_total\(labels)") == 1)
                for name in ["lives", "dies"] {
                    _ = try place.patch(.runtime, name, ["metadata": ["finalizers": [String]()]])
                }
                reconciler.kill(15)
                _ = try await reconciler.waitUntilEnded()
            }
        }
    }
}
