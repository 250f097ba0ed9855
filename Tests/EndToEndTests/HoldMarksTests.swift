import Foundation
import Testing

extension OnACluster {
    /// What a worker set is known by, with Sluice up and down: the table in the README.
    @Suite struct `A worker set's marks` {
        func withSet(
            _ marks: Marks, name: String = "cache", isRuntime: Bool = true, _ test: (Place) async throws -> Void
        ) async throws {
            try await inPlace { place in
                var uid = ""
                if isRuntime {
                    expectAdmitted(try place.create(.runtime, runtime(name, replicas: 3)))
                    uid = try place.get(.runtime, name)["metadata"]["uid"].string ?? ""
                }
                expectAdmitted(
                    try place.create(.statefulSet, workerSet(of: name, replicas: 3, marks: marks, owner: uid)))
                try await test(place)
            }
        }

        func lower(_ place: Place, _ name: String = "cache", to count: Int = 1) throws -> Answer {
            try place.patch(.statefulSet, "\(name)-worker", ["spec": ["replicas": count]])
        }
        func count(_ place: Place, _ name: String = "cache") throws -> Int? {
            try place.get(.statefulSet, "\(name)-worker")["spec"]["replicas"].int
        }

        /// From 1.30 on the API server itself chooses what we are asked about.
        @Test(.enabled(if: KubernetesVersion.minor >= 30))
        func `are an owner too, whether Sluice runs or not`() async throws {
            try await withSet([.owner]) { place in
                expectAdmitted(try lower(place), warning: "H401")
                // Taken away in the same request, it still counts.
                let change: [String: Any] = ["metadata": ["ownerReferences": NSNull()], "spec": ["replicas": 0]]
                let disowned = try place.patch(.statefulSet, "cache-worker", change, dryRun: true)
                expectAdmitted(disowned, warning: "H401")
                #expect(try count(place) == 3)
                try await withoutSluice(place) {
                    let refused = try lower(place)
                    #expect(!refused.succeeded)
                    #expect(refused.message.contains("workers.hold.sluice.dev"), "\(refused)")
                    #expect(try count(place) == 3)
                    // What removes nobody does not need us.
                    expectAdmitted(try place.patch(.statefulSet, "cache-worker", ["spec": ["replicas": 5]]))
                    expectAdmitted(
                        try place.patch(.statefulSet, "cache-worker", ["metadata": ["annotations": ["a": "b"]]]))
                }
            }
        }

        @Test(.enabled(if: KubernetesVersion.minor >= 30))
        func `are the selector of its pods, for one that lost its labels before`() async throws {
            try await withSet([.selector]) { place in
                expectAdmitted(try lower(place), warning: "H401")
                #expect(try count(place) == 3)
                try await withoutSluice(place) {
                    expectAdmitted(try lower(place))
                    #expect(try count(place) == 1)
                }
            }
        }

        /// Before 1.30 the API server goes by labels alone: what lost them before Sluice came, nobody asks about.
        @Test(.enabled(if: KubernetesVersion.minor < 30), arguments: [Marks.owner, .selector, [.owner, .selector]])
        func `are its labels alone before 1.30, whether Sluice runs or not`(marks: Marks) async throws {
            try await withSet(marks) { place in
                let passed = try lower(place, to: 2)
                expectAdmitted(passed)
                #expect(passed.warnings == [])
                #expect(try count(place) == 2)
                try await withoutSluice(place) {
                    expectAdmitted(try lower(place, to: 1))
                    #expect(try count(place) == 1)
                }
            }
        }

        @Test func `can't be taken away or gone past while Sluice is down`() async throws {
            try await withSet([.labels, .selector]) { place in
                try await withoutSluice(place) {
                    let unlabelled = try place.remove(.statefulSet, "cache-worker", "/metadata/labels/role")
                    #expect(!unlabelled.succeeded, "\(unlabelled)")
                    #expect(try !lower(place).succeeded)
                    let both: [String: Any] = ["metadata": ["labels": ["role": NSNull()]], "spec": ["replicas": 0]]
                    #expect(try !place.patch(.statefulSet, "cache-worker", both).succeeded)
                    #expect(try count(place) == 3)
                    #expect(try place.delete(.statefulSet, "cache-worker").succeeded)
                }
            }
        }

        @Test func `are none in a Scale, which passes while Sluice is down`() async throws {
            try await withSet([.labels, .selector]) { place in
                expectAdmitted(try place.scale(.statefulSet, "cache-worker", to: 0), warning: "H401")
                #expect(try count(place) == 3)
                try await withoutSluice(place) {
                    expectAdmitted(try place.scale(.statefulSet, "cache-worker", to: 0))
                    #expect(try count(place) == 0)
                    expectAdmitted(try place.scale(.statefulSet, "cache-worker", to: 3))
                    #expect(try count(place) == 3)
                }
            }
        }

        @Test func `come with one that is deleted and made again under its name`() async throws {
            try await withSet([.labels, .selector]) { place in
                #expect(try place.delete(.statefulSet, "cache-worker").succeeded)
                try await eventually("it is gone") { try !place.exists(.statefulSet, "cache-worker") }
                expectAdmitted(try place.create(.statefulSet, workerSet(of: "cache", replicas: 3)))
                expectAdmitted(try lower(place), warning: "H401")
                #expect(try count(place) == 3)
            }
        }

        /// A DELETE is how Fluid cleans up, and nothing tells what is made afterwards from a new worker set.
        @Test func `do not keep one from being made again with fewer workers, or under another name`() async throws {
            try await withSet([.labels, .selector]) { place in
                func makeAgain(_ name: String, _ replicas: Int) throws {
                    #expect(try place.delete(.statefulSet, "cache-worker").succeeded)
                    expectAdmitted(try place.create(.statefulSet, workerSet(of: name, replicas: replicas)))
                    #expect(try count(place, name) == replicas)
                }
                try makeAgain("cache", 2)
                try await withoutSluice(place) { try makeAgain("cache", 1) }
                // Of the other name there is no runtime, so that it is nobody's worker set.
                try makeAgain("renamed", 3)
                let lowered = try lower(place, "renamed")
                expectAdmitted(lowered)
                #expect(lowered.warnings == [])
                #expect(try count(place, "renamed") == 1)
            }
        }

        /// Named as a worker set by chance, beside a runtime of that name or not.
        @Test(arguments: [true, false])
        func `are nothing that a foreign StatefulSet has, which is never refused`(isRuntime: Bool) async throws {
            try await withSet([], name: "celery", isRuntime: isRuntime) { place in
                func goesUpAndDown() throws {
                    for (number, wanted) in [5, 2, 0, 3].enumerated() {
                        let answer =
                            number % 2 == 0
                            ? try place.scale(.statefulSet, "celery-worker", to: wanted)
                            : try lower(place, "celery", to: wanted)
                        expectAdmitted(answer)
                        #expect(answer.warnings == [])
                        #expect(try count(place, "celery") == wanted)
                    }
                    for wanted in [1, 0, 4] {
                        expectAdmitted(try place.scale(.statefulSet, "celery-worker", to: wanted))
                        #expect(try count(place, "celery") == wanted)
                    }
                }
                try goesUpAndDown()
                try await withoutSluice(place) { try goesUpAndDown() }
            }
        }
    }
}
