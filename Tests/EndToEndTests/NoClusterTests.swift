import Foundation
import Testing

/// `sluice serve --no-cluster`: reviews by hand.
@Suite(.serialized, .timeLimit(.minutes(2))) struct `Sluice without a cluster` {
    /// The patch of a mutation, taken out of base64.
    func patch(_ answer: Answer) throws -> JSON {
        let text = answer.json["response"]["patch"].string ?? ""
        let data = try #require(Data(base64Encoded: text), "\(answer)")
        return try JSON(text: String(decoding: data, as: UTF8.self))
    }

    @Test(arguments: ["v1", "v1beta1"]) func `fills in, in the version it is asked in`(version: String) async throws {
        let alone = try await Alone.shared.load()
        let answer = try alone.post(json(review(.runtime, "CREATE", runtime("cache"), version: version)), to: "/mutate")
        #expect(answer.json["apiVersion"].string == "admission.k8s.io/\(version)")
        #expect(answer.json["response"]["uid"].string == "00000000-0000-4000-8000-000000000001")
        #expect(answer.json["response"]["patchType"].string == "JSONPatch")
        let paths = try patch(answer).array.map { $0["path"].string ?? "" }
        #expect(paths.contains("/spec/replicas"))
        #expect(paths.contains("/metadata/annotations/sluice.dev~1max-replicas"))
    }

    @Test func `refuses with every error in one answer`() async throws {
        let alone = try await Alone.shared.load()
        let broken = runtime("20-cache", replicas: -1, tiers: [["mediumtype": "MEM", "path": "/dev/shm"]])
        let response = try alone.post(json(review(.runtime, "CREATE", broken))).json["response"]
        #expect(response["allowed"].bool == false)
        let message = response["status"]["message"].string ?? ""
        for code in ["E101", "E103", "E107"] { #expect(message.contains(code), "\(message)") }
    }

    @Test func `holds a worker set that its labels show`() async throws {
        let alone = try await Alone.shared.load()
        let lowered = review(
            .statefulSet, "UPDATE", workerSet(of: "cache", replicas: 1), old: workerSet(of: "cache", replicas: 3))
        let answer = try alone.post(json(lowered), to: "/mutate")
        #expect(answer.json["response"]["allowed"].bool == true)
        #expect(try patch(answer).description == #"[{"op":"replace","path":"/spec/replicas","value":3}]"#)
        #expect(answer.json["response"]["warnings"][0].string?.hasPrefix("H401") == true)
    }

    @Test func `only warns where it would have to know the cluster`() async throws {
        let alone = try await Alone.shared.load()
        let scale: (Int) -> [String: Any] = {
            ["apiVersion": "autoscaling/v1", "kind": "Scale", "metadata": ["name": "cache"], "spec": ["replicas": $0]]
        }
        let asked = try alone.post(
            json(review(.runtime, "UPDATE", scale(100), old: scale(1), subresource: "scale"))
        ).json["response"]
        #expect(asked["allowed"].bool == true)
        #expect(asked["warnings"][0].string?.hasPrefix("W303") == true)
        let autoscaler = hpa("cache", of: "cache", maximum: 3, spec: ["metrics": [capacityMetric(of: "cache")]])
        let judged = try alone.post(json(review(.hpa, "CREATE", autoscaler))).json["response"]
        #expect(judged["allowed"].bool == true)
        #expect(judged["warnings"].strings.contains { $0.hasPrefix("W211") })
    }

    @Test func `writes a line for each decision and counts it, without the object's contents`() async throws {
        let alone = try await Alone.start(["--log-level", "debug"])
        let secret = runtime("cache", replicas: -1, spec: ["properties": ["fs.key": "s3cr3t"]])
        _ = try alone.post(json(review(.runtime, "CREATE", secret, user: "alice", dryRun: true)))
        let line = try await eventually("the decision is logged") {
            try alone.sluice.log().last { $0["kind"].string == "AlluxioRuntime" && $0["user"].string == "alice" }
        }
        #expect(line["decision"].string == "denied")
        #expect(line["operation"].string == "CREATE")
        #expect(line["object"].string == "default/cache")
        #expect(line["dryRun"].bool == true)
        #expect(line["codes"].strings == ["E103"])
        #expect(line["uid"].string == "00000000-0000-4000-8000-000000000001")
        #expect(line["microseconds"].int ?? -1 >= 0)
        #expect(try !alone.sluice.rawLog().contains("s3cr3t"))
        let metrics = try alone.sluice.health("/metrics").body
        let counted = metrics.split(separator: "\n").contains {
            $0.hasPrefix("sluice_admission_requests_total{") && $0.contains(#"decision="denied""#)
                && $0.contains(#"code="E103""#) && $0.hasSuffix(" 1")
        }
        #expect(counted, "\(metrics)")
        alone.sluice.kill(SIGTERM)
        #expect(try await alone.sluice.waitUntilEnded() == 0)
    }

    @Test func `says that it is alive and ready, and stops being ready before it ends`() async throws {
        let alone = try await Alone.start(["--shutdown-linger", "2s"])
        #expect(try alone.sluice.health("/healthz").status == 200)
        #expect(try alone.sluice.health("/readyz").status == 200)
        alone.sluice.kill(SIGTERM)
        try await eventually("it is not ready") { try alone.sluice.health("/readyz").status == 503 }
        // It still answers those who have not heard of it.
        let late = try alone.post(json(review(.runtime, "CREATE", runtime("cache"))))
        #expect(late.json["response"]["allowed"].bool == true)
        #expect(try await alone.sluice.waitUntilEnded() == 0)
    }

    @Test func `speaks HTTP/2 to whoever asks for it`() async throws {
        let alone = try await Alone.shared.load()
        let body = json(review(.runtime, "CREATE", runtime("cache")))
        let answer = try alone.post(body, to: "/mutate", options: ["--http2"])
        #expect(answer.status == 200)
        #expect(answer.json["response"]["allowed"].bool == true)
    }
}
