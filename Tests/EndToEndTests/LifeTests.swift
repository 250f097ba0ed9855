import Foundation
import Synchronization
import Testing

extension OnACluster {
    /// What happens to a Sluice that an API server asks all the while.
    @Suite struct `While it is asked` {
        /// Makes dry runs one after the other until `work` is done, and returns those that came back without bounds:
        /// where the policy is Ignore, an unanswered review shows as nothing else.
        func unanswered(_ place: Place, _ work: () async throws -> Void) async throws -> [Answer] {
            let asked = Atomic(0)
            let traffic = Task.detached { () throws -> [Answer] in
                var lost: [Answer] = []
                while !Task.isCancelled {
                    let tried = try place.create(.runtime, runtime("probe"), dryRun: true)
                    asked.add(1, ordering: .relaxed)
                    if tried.json["metadata"]["annotations"]["sluice.dev/max-replicas"].isAbsent {
                        lost.append(tried)
                    }
                }
                return lost
            }
            do {
                try await eventually("somebody asks") { asked.load(ordering: .relaxed) > 0 }
                try await work()
            } catch {
                traffic.cancel()
                throw error
            }
            traffic.cancel()
            return try await traffic.value
        }

        func serial(_ place: Place) throws -> String {
            try Command(words: [
                "bash", "-c",
                "openssl s_client -connect \"$0\" </dev/null 2>/dev/null | openssl x509 -noout -serial",
                "\(place.sluice.host):\(place.sluice.port)",
            ]).run().output
        }

        @Test func `its certificate changes and nobody is turned away`() async throws {
            try await inPlace { place in
                let certificates = place.world.folder.file("certs")
                let lost = try await unanswered(place) {
                    for _ in 0..<3 {
                        let before = try serial(place)
                        for file in ["tls.crt", "tls.key"] {
                            try FileManager.default.removeItem(atPath: "\(certificates)/\(file)")
                        }
                        let made = try Command(words: [
                            Repository.path("certs/make-certs"), "--dir", certificates, place.world.host,
                        ]).run()
                        guard made.succeeded else { throw Trouble("\(made)") }
                        try await eventually("the new certificate is served", withinSeconds: 30) {
                            let now = try serial(place)
                            return now != before && now.hasPrefix("serial=")
                        }
                    }
                }
                #expect(lost.isEmpty, "\(lost)")
            }
        }

        @Test func `a bad pair of files is refused, and the old one stays`() async throws {
            try await inPlace { place in
                let path = place.world.folder.file("certs/tls.crt")
                let good = try Data(contentsOf: URL(filePath: path))
                let before = try serial(place)
                let start = place.sluice.logEnd
                try Data("no certificate\n".utf8).write(to: URL(filePath: path))
                defer { try? good.write(to: URL(filePath: path)) }
                _ = try await eventually("it says so", withinSeconds: 30) {
                    try place.sluice.log(from: start).first { ["warning", "error"].contains($0["level"].string ?? "") }
                }
                #expect(try serial(place) == before)
                let tried = try place.create(.runtime, runtime("cache"), dryRun: true)
                #expect(tried.json["spec"]["replicas"].int == 1)
            }
        }

        @Test func `it is told to end, answers all it was asked, and ends with status 0`() async throws {
            try await inPlace { place in
                expectAdmitted(try place.create(.statefulSet, workerSet(of: "cache", replicas: 3)))
                expectAdmitted(try place.create(.runtime, runtime("cache", replicas: 3)))
                try await place.world.sluice.restart(["--missing-target=deny", "--shutdown-linger", "8s"])
                let ending = place.sluice
                let start = ending.logEnd
                let lost = try await unanswered(place) {
                    try await eventually("the API server asks it") {
                        try ending.log(from: start).filter { $0["kind"].string == "AlluxioRuntime" }.count > 6
                    }
                    ending.kill(SIGTERM)
                    try await eventually("it is not ready") { try ending.health("/readyz").status == 503 }
                    // For as long as it lingers it is asked, and answers.
                }
                #expect(lost.isEmpty, "\(lost)")
                #expect(try await ending.waitUntilEnded() == 0)
                // Without Sluice nothing loses a worker: this webhook's policy is Fail.
                let lowered = try place.patch(.statefulSet, "cache-worker", ["spec": ["replicas": 1]])
                #expect(lowered.status == 500, "\(lowered)")
                #expect(try place.get(.statefulSet, "cache-worker")["spec"]["replicas"].int == 3)
                // Everything else goes on without it.
                expectAdmitted(try place.create(.runtime, runtime("other")))
                try await place.world.sluice.start()
                expectAdmitted(
                    try place.patch(.statefulSet, "cache-worker", ["spec": ["replicas": 1]]), warning: "H401")
            }
        }

        @Test func `the API server is restarted, and what comes afterwards is seen`() async throws {
            try await inPlace { place in
                let cluster = Repository.path("Tests/Cluster/cluster")
                let restarted = try Command(
                    words: [cluster, "restart", Leftovers.cluster(), "kube-apiserver"], limitSeconds: 120
                ).run()
                guard restarted.succeeded else { throw Trouble("\(restarted)") }
                try await eventually("runtimes are filled in again", withinSeconds: 60) {
                    try place.create(.runtime, runtime("probe"), dryRun: true).json["spec"]["replicas"].int == 1
                }
                expectAdmitted(try place.create(.runtime, runtime("cache")))
                expectAdmitted(try place.create(.hpa, hpa("first", of: "cache", maximum: 3)))
                // A second HPA is known by the store alone, so its watches are back.
                try await eventually("the first HPA is known", withinSeconds: 60) {
                    try place.create(.hpa, hpa("second", of: "cache", maximum: 3), dryRun: true).message.contains(
                        "E201")
                }
                #expect(place.sluice.isRunning)
                #expect(try place.sluice.health("/readyz").status == 200)
            }
        }

        @Test func `each decision is a line of the log, with the user and the codes`() async throws {
            try await inPlace { place in
                let start = place.sluice.logEnd
                expectRefused(try place.create(.runtime, runtime("20-cache")), "E101")
                let line = try await eventually("the refusal is logged") {
                    try place.sluice.log(from: start).first {
                        $0["object"].string == "\(place.namespace)/20-cache" && $0["decision"].string == "denied"
                    }
                }
                #expect(line["codes"].strings == ["E101"])
                #expect(line["operation"].string == "CREATE")
                #expect(line["kind"].string == "AlluxioRuntime")
                #expect(line["user"].string == "admin")
                #expect(line["refusal"].string?.contains("E101 metadata.name") == true)
            }
        }
    }
}
