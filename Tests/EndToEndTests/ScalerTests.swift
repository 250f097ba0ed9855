import Foundation
import Testing

extension OnACluster {
    /// Controllers that scale: KEDA's ScaledObjects, and the counts that an HPA asks for.
    @Suite struct `A scaler of a runtime` {
        static var target: [String: Any] {
            ["apiVersion": "data.fluid.io/v1alpha1", "kind": "AlluxioRuntime", "name": "cache"]
        }

        func scaledObject(_ name: String, _ counts: [String: Int], annotations: [String: String] = [:]) -> [String: Any]
        {
            var spec: [String: Any] = counts
            spec["scaleTargetRef"] = Self.target
            spec["triggers"] = [["type": "cron", "metadata": ["start": "0 8 * * *"]] as [String: Any]]
            return [
                "apiVersion": "keda.sh/v1alpha1", "kind": "ScaledObject",
                "metadata": ["name": name, "annotations": annotations] as [String: Any], "spec": spec,
            ]
        }

        func withKEDA(_ test: (Place) async throws -> Void) async throws {
            let kind = anyKind("scaledobjects", group: "keda.sh", version: "v1alpha1", kind: "ScaledObject")
            try await withKind(kind) { place in
                expectAdmitted(try place.create(.runtime, runtime("cache", replicas: 2, annotations: bounds(2, 4))))
                try await eventually("the kind is served, and we are asked about it") {
                    let tried = try place.create(.scaledObject, scaledObject("probe", [:]), dryRun: true)
                    return tried.message.contains("E203")
                }
                try await test(place)
            }
        }

        @Test func `of KEDA's is refused with counts beyond the bounds, all at once`() async throws {
            try await withKEDA { place in
                let greedy = scaledObject(
                    "greedy", ["minReplicaCount": 1, "maxReplicaCount": 6],
                    annotations: ["autoscaling.keda.sh/paused-replicas": "9"])
                expectRefused(
                    try place.create(.scaledObject, greedy), "E202 spec.minReplicaCount", "E203 spec.maxReplicaCount",
                    "E209 metadata.annotations[autoscaling.keda.sh/paused-replicas]")
                expectRefused(
                    try place.create(.scaledObject, scaledObject("unset", ["minReplicaCount": 2])),
                    "E203 spec.maxReplicaCount: unset means 100")
                expectAdmitted(
                    try place.create(.scaledObject, scaledObject("falls", ["maxReplicaCount": 4]), dryRun: true),
                    warning: "W209 spec.minReplicaCount: unset means 0")
                let sound = scaledObject("sound", ["minReplicaCount": 2, "maxReplicaCount": 4])
                let created = try place.create(.scaledObject, sound)
                expectAdmitted(created)
                #expect(created.warnings == [])
                let raised = ["spec": ["maxReplicaCount": 5]]
                expectRefused(try place.patch(.scaledObject, "sound", raised), "E203 spec.maxReplicaCount")
            }
        }

        @Test func `of KEDA's can always be given and take leave of its finalizer`() async throws {
            try await withKEDA { place in
                try await withoutWebhooks(place) {
                    expectAdmitted(try place.create(.scaledObject, scaledObject("cache", ["maxReplicaCount": 9])))
                }
                let mark = ["metadata": ["finalizers": ["finalizer.keda.sh"], "labels": ["a": "b"]] as [String: Any]]
                expectAdmitted(try place.patch(.scaledObject, "cache", mark))
                let empty = ["spec": ["advanced": ["scalingModifiers": [String: Any]()]]]
                expectAdmitted(try place.patch(.scaledObject, "cache", empty))
                let status = ["status": ["conditions": [["type": "Ready", "status": "True"]]]]
                expectAdmitted(try place.patch(.scaledObject, "cache", "status", status))
                try place.delete(.scaledObject, "cache")
                let released = ["metadata": ["finalizers": [String]()]]
                expectAdmitted(try place.patch(.scaledObject, "cache", released))
                try await eventually("it is gone") { try !place.exists(.scaledObject, "cache") }
            }
        }

        /// Every count that KEDA writes, as it writes it: the whole Scale, in which a 0 is left out.
        @Test func `of KEDA's may write each count of its own within the bounds, and 0`() async throws {
            try await withKEDA { place in
                func scale(to count: Int) throws -> Outcome {
                    let spec: [String: Any] = count == 0 ? [:] : ["replicas": count]
                    let scale: [String: Any] = [
                        "apiVersion": "autoscaling/v1", "kind": "Scale",
                        "metadata": ["name": "cache", "namespace": place.namespace], "spec": spec,
                    ]
                    return try place.kubectl(
                        [
                            "--as=system:serviceaccount:keda:keda-operator", "--as-group=system:masters", "replace",
                            "--raw", place.path(.runtime, "cache", "scale"), "-f", "-",
                        ], input: json(scale))
                }
                // Nothing to do, awake, paused, woken up to a minimum of 1 that is below ours, as it was before KEDA.
                for (asked, stored) in [(0, 0), (3, 3), (4, 4), (0, 0), (1, 2), (3, 3)] {
                    let outcome = try scale(to: asked)
                    #expect(outcome.succeeded, "\(asked): \(outcome)")
                    // A count of 0 stays away from what is stored, or is there.
                    #expect((try place.get(.runtime, "cache")["spec"]["replicas"].int ?? 0) == stored)
                }
                let partial: [String: Any] = ["scaleDown": ["stabilizationWindowSeconds": 300]]
                // What names an owner that is not there is collected.
                let sound = scaledObject("cache", ["minReplicaCount": 2, "maxReplicaCount": 4])
                expectAdmitted(try place.create(.scaledObject, sound))
                let owner: [String: Any] = [
                    "apiVersion": "keda.sh/v1alpha1", "kind": "ScaledObject", "name": "cache",
                    "uid": try place.get(.scaledObject, "cache")["metadata"]["uid"].string ?? "", "controller": true,
                ]
                let own = hpa(
                    "keda-hpa-cache", of: "cache", minimum: 2, maximum: 4, owner: owner, spec: ["behavior": partial])
                expectAdmitted(try place.create(.hpa, own))
                let before = try place.get(.hpa, "keda-hpa-cache")["spec"].description
                // With a behaviour in part KEDA writes its HPA again at each look.
                let again = try place.replace(.hpa, "keda-hpa-cache") { object in
                    var spec = object["spec"] as? [String: Any] ?? [:]
                    spec["behavior"] = partial
                    object["spec"] = spec
                }
                expectAdmitted(again)
                #expect(try place.get(.hpa, "keda-hpa-cache")["spec"].description == before)
            }
        }

        @Test func `of KEDA's is named in the place of its HPA, and of two the older one's HPA passes`() async throws {
            try await withKEDA { place in
                func own(_ uid: String, _ name: String) -> [String: Any] {
                    let owner: [String: Any] = [
                        "apiVersion": "keda.sh/v1alpha1", "kind": "ScaledObject", "name": name, "uid": uid,
                        "controller": true,
                    ]
                    return hpa("keda-hpa-\(name)", of: "cache", minimum: 2, maximum: 4, owner: owner)
                }
                func uid(_ name: String) throws -> String {
                    try place.get(.scaledObject, name)["metadata"]["uid"].string ?? ""
                }
                let counts = ["minReplicaCount": 2, "maxReplicaCount": 4]
                // Applied together, both are there before Sluice knows of either.
                try await withoutWebhooks(place) {
                    expectAdmitted(try place.create(.scaledObject, scaledObject("older", counts)))
                    // Creation times have whole seconds.
                    Thread.sleep(forTimeInterval: 1.1)
                    expectAdmitted(try place.create(.scaledObject, scaledObject("younger", counts)))
                }
                let refused = try await eventually("both are known", withinSeconds: 30) {
                    let tried = try place.create(.hpa, own(try uid("younger"), "younger"), dryRun: true)
                    return tried.succeeded ? nil : tried
                }
                expectRefused(refused, "E201", "ScaledObject \"older\"")
                expectAdmitted(try place.create(.hpa, own(try uid("older"), "older")))
                let third = try await eventually("its HPA is known") {
                    let tried = try place.create(.hpa, hpa("third", of: "cache", minimum: 2, maximum: 4), dryRun: true)
                    return tried.succeeded ? nil : tried
                }
                expectRefused(third, "E201", "delete scaledobject/older")
                #expect(!third.message.contains("keda-hpa-older"))
            }
        }

        @Test func `that is the HPA controller gets the bound for what is beyond it`() async throws {
            try await inPlace { place in
                expectAdmitted(try place.create(.runtime, runtime("cache", replicas: 2, annotations: bounds(2, 4))))
                let seen = place.sluice.logEnd
                // It asks for its minimum without any metric.
                try await withoutWebhooks(place) {
                    expectAdmitted(try place.create(.hpa, hpa("cache", of: "cache", minimum: 6, maximum: 8)))
                }
                try await eventually("it has the maximum", withinSeconds: 60) {
                    try place.get(.runtime, "cache")["spec"]["replicas"].int == 4
                }
                let brought = try place.sluice.log(from: seen).first { $0["codes"].strings.contains("H301") }
                #expect(brought?["warnings"].strings.first?.contains("6 is above the maximum, set to 4") == true)
                // At the bound it is refused, so that its events say why.
                try await eventually("it is refused", withinSeconds: 60) {
                    try place.sluice.log(from: seen).contains { $0["codes"].strings.contains("E301") }
                }
                #expect(try place.get(.runtime, "cache")["spec"]["replicas"].int == 4)
                // A person is told, always.
                expectRefused(try place.scale(.runtime, "cache", to: 6), "E301")
            }
        }
    }
}
