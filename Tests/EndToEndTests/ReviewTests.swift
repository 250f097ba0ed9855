import Foundation
import Testing

/// `sluice review` of this build.
private func review(_ words: String..., environment: [String: String] = [:], input: String = "") throws -> Outcome {
    try Command(
        words: [SluiceProcess.binary, "review"] + words, environment: environment, input: input, limitSeconds: 120
    )
    .run()
}

extension OnACluster {
    @Suite struct `A review of files` {
        /// Whether each object would be admitted, as a review says, and what it says of those that would not.
        private func judged(_ objects: [[String: Any]]) throws -> [(allowed: Bool, why: String)] {
            let outcome = try review("-o", "json", "-", input: objects.map(json).joined(separator: "\n"))
            let entries = try JSON(text: outcome.output)["objects"].array
            return entries.map { entry in
                let findings = entry["findings"].array.filter { $0["kind"].string == "deny" }
                return (
                    entry["allowed"].bool ?? false,
                    findings.map { "\($0["code"].string ?? "") \($0["field"].string ?? "")" }.joined(separator: ", ")
                )
            }
        }

        @Test func `takes and refuses what the API server with its webhooks takes and refuses`() async throws {
            try await inPlace { place in
                var objects = try Samples.files()
                for seed in 0..<240 { objects.append(Samples.changed(seed: UInt64(seed))) }
                var taken = 0
                // Each by itself: the dry run knows no other object either.
                for object in objects {
                    let alone = Samples.moved(object, to: place.namespace)
                    let kind =
                        alone["kind"] as? String == "AlluxioRuntime" ? Kind.runtime : .hpa(Samples.version(of: alone))
                    let answer = try place.api.send(
                        "POST", place.path(kind) + "?dryRun=All&fieldValidation=Ignore", json(alone))
                    let judgement = try #require(try judged([alone]).first)
                    if answer.succeeded { taken += 1 }
                    #expect(judgement.allowed == answer.succeeded, "\(json(alone))\n\(judgement.why)\n\(answer)")
                }
                #expect(taken > 30)
                #expect(objects.count - taken > 40)
            }
        }

        @Test func `reads scalars as kubectl does`() async throws {
            try await inPlace { place in
                var text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: scalars}\ndata:\n"
                for seed in 0..<3_000 { text += "  k\(seed): \(Samples.scalar(seed: UInt64(seed)))\n" }
                text +=
                    "  merged: {a: 1, <<: [{a: 2, b: 2}, {b: 3, c: 3}], c: 4}\n  1.5: x\n  1234567.5: y\n  1e30: z\n"
                text += "  tag: !vault a\n  bytes: !!binary aGVsbG8=\n  mark: ! 12\n  last: |\n    text"
                let theirs = try place.kubectl(
                    "create", "--dry-run=client", "--validate=false", "-o", "json", "-f", "-", input: text)
                #expect(theirs.succeeded, "\(theirs)")
                let ours = try review("-o", "json", "-", input: text)
                let left = try JSON(text: theirs.output)["data"]
                let right = try JSON(text: ours.output)["objects"][0]["admitted"]["data"]
                #expect(left.keys == right.keys)
                for name in left.keys { #expect(left[name].description == right[name].description, "\(name)") }
            }
        }
    }

    @Suite struct `A review of a cluster` {
        @Test func `says what would be refused today, and ends with it`() async throws {
            try await inPlace { place in
                // The webhooks leave this namespace alone: what is in it, nobody has judged.
                let unjudged = Place(world: place.world, namespace: "kube-system")
                defer {
                    for name in ["9-old", "old"] { _ = try? unjudged.delete(.runtime, name) }
                    for name in ["old", "second", "web"] { _ = try? unjudged.delete(.hpa, name) }
                }
                #expect(try unjudged.create(.runtime, runtime("9-old", replicas: 1)).succeeded)
                #expect(try unjudged.create(.runtime, runtime("old", replicas: 2, annotations: bounds(1, 3))).succeeded)
                #expect(try unjudged.create(.hpa, hpa("old", of: "old", maximum: 3)).succeeded)
                try await Task.sleep(for: .seconds(1.1))
                #expect(try unjudged.create(.hpa, hpa("second", of: "old", maximum: 9)).succeeded)
                #expect(
                    try unjudged.create(.hpa, hpa("web", of: "web", maximum: 2, kind: "Deployment", group: "apps/v1"))
                        .succeeded)
                let outcome = try review("--server", "-n", "kube-system", environment: place.world.environment)
                #expect(outcome.status == 1, "\(outcome)")
                #expect(
                    outcome.output.contains("alluxioruntimes/kube-system/9-old: error: E101 metadata.name"),
                    "\(outcome)")
                // The older of two stays.
                #expect(
                    outcome.output.contains("horizontalpodautoscalers/kube-system/second: error: E201"), "\(outcome)")
                #expect(
                    outcome.output.contains("horizontalpodautoscalers/kube-system/second: error: E203"), "\(outcome)")
                #expect(!outcome.output.contains("horizontalpodautoscalers/kube-system/old: error"), "\(outcome)")
                #expect(!outcome.output.contains("web"), "\(outcome)")
                #expect(outcome.output.contains("# 4 objects: 2 admitted, 2 denied; "), "\(outcome)")
                let none = try review(
                    "--server", "-n", place.namespace, "-o", "json", environment: place.world.environment)
                #expect(none.status == 0, "\(none)")
                #expect(try JSON(text: none.output)["denied"].int == 0)
            }
        }

        @Test func `goes by the fields that this cluster's definition has`() async throws {
            try await inPlace { place in
                let unjudged = Place(world: place.world, namespace: "kube-system")
                defer { _ = try? unjudged.delete(.runtime, "seed") }
                try place.register("crds", "monitoring")
                try await eventually("the proposal's field is kept") {
                    _ = try unjudged.delete(.runtime, "seed")
                    let made = try unjudged.create(.runtime, runtime("seed", replicas: 1, spec: ["monitoring": true]))
                    return made.json["spec"]["monitoring"].bool == true
                }
                let seed = try review("--server", "-n", "kube-system", environment: place.world.environment)
                #expect(seed.status == 0 && !seed.output.contains("monitoring: no"), "\(seed)")
                #expect(!seed.output.contains("W105") && !seed.errors.contains("note"), "\(seed)")
                try place.register("crds")
            }
        }

        @Test func `that can't be asked ends with its reason`() throws {
            let outcome = try review("--server", environment: ["KUBECONFIG": "/nonexistent"])
            #expect(outcome.status == 2)
            #expect(outcome.errors.hasPrefix("sluice review: "))
        }
    }
}
