import Testing

extension OnACluster {
    /// E201 to E207, and what an update of an HPA may do.
    @Suite struct `A wrong HPA` {
        @Test(arguments: KubernetesVersion.autoscaling) func `is a second one on the same runtime`(version: String)
            async throws
        {
            try await inPlace { place in
                expectAdmitted(try place.create(.runtime, runtime("cache")))
                expectAdmitted(try place.create(.hpa, hpa("first", of: "cache", maximum: 3)))
                try await eventually("the first one is known") {
                    try place.create(.hpa, hpa("second", of: "cache", maximum: 3), dryRun: true).message.contains(
                        "E201")
                }
                let second = try place.create(.hpa(version), hpa("second", of: "cache", version: version, maximum: 3))
                expectRefused(second, "E201 spec.scaleTargetRef", #"HorizontalPodAutoscaler "first""#)
                #expect(try !place.exists(.hpa, "second"))
                // The first one itself goes on.
                expectAdmitted(try place.patch(.hpa, "first", ["spec": ["maxReplicas": 4]]))
                // Where the first one is gone, the second may come.
                try place.delete(.hpa, "first")
                try await eventually("the second one is admitted") {
                    try place.create(.hpa, hpa("second", of: "cache", maximum: 3)).succeeded
                }
            }
        }

        @Test(arguments: KubernetesVersion.autoscaling) func `goes beyond the bounds of its runtime`(version: String)
            async throws
        {
            try await inPlace { place in
                expectAdmitted(try place.create(.runtime, runtime("cache", replicas: 2, annotations: bounds(2, 4))))
                let written = hpa("cache", of: "cache", version: version, minimum: 1, maximum: 12)
                let answer = try place.create(.hpa(version), written)
                expectRefused(answer, "E203 spec.maxReplicas", "E202 spec.minReplicas", "annotate alluxioruntime cache")
                #expect(try !place.exists(.hpa, "cache"))
            }
        }

        @Test func `goes beyond a maximum that was filled in, and only gets a warning`() async throws {
            try await inPlace { place in
                expectAdmitted(try place.create(.runtime, runtime("cache")))
                expectAdmitted(try place.create(.hpa, hpa("cache", of: "cache", maximum: 12)), warning: "W203")
            }
        }

        @Test func `measures the cache of a runtime that gives no metrics`() async throws {
            try await inPlace { place in
                expectAdmitted(try place.create(.runtime, runtime("cache", spec: ["disablePrometheus": true])))
                let written = hpa("cache", of: "cache", maximum: 3, spec: ["metrics": [capacityMetric(of: "cache")]])
                expectRefused(try place.create(.hpa, written), "E204 spec.metrics[0]", "disablePrometheus")
                #expect(try !place.exists(.hpa, "cache"))
            }
        }

        @Test func `has a metric that crashes kube-controller-manager`() async throws {
            try await inPlace { place in
                expectAdmitted(try place.create(.runtime, runtime("cache")))
                let targets: [[String: Any]] = [
                    ["type": "Value", "averageValue": "90"], ["type": "AverageValue", "value": "90"],
                ]
                for target in targets {
                    let metric = capacityMetric(of: "cache", target: target)
                    let written = hpa("cache", of: "cache", maximum: 3, spec: ["metrics": [metric]])
                    // Newer API servers refuse some of these themselves, after admission.
                    let answer = try place.create(.hpa, written)
                    expectRefused(answer)
                    #expect(answer.message.contains("E206") || answer.status == 422, "\(answer)")
                }
                #expect(try !place.exists(.hpa, "cache"))
            }
        }

        @Test func `is for a runtime that is not there, which a dry run may be`() async throws {
            try await inPlace { place in
                expectRefused(try place.create(.hpa, hpa("cache", of: "cache", maximum: 3)), "E207", #""cache""#)
                #expect(try !place.exists(.hpa, "cache"))
                expectAdmitted(
                    try place.create(.hpa, hpa("cache", of: "cache", maximum: 3), dryRun: true), warning: "W201")
            }
        }

        @Test func `works, but not as meant, and a warning says so`() async throws {
            try await inPlace { place in
                expectAdmitted(try place.create(.runtime, runtime("cache")))
                func tried(_ spec: [String: Any]) throws -> Answer {
                    try place.create(.hpa, hpa("cache", of: "cache", maximum: 3, spec: spec), dryRun: true)
                }
                let pods: [String: Any] = [
                    "type": "Pods",
                    "pods": [
                        "metric": ["name": "capacity_used_rate"], "target": ["type": "Value", "averageValue": "15"],
                    ],
                ]
                expectAdmitted(try tried(["metrics": [pods]]), warning: "W205", "W206")
                let capacity = capacityMetric(of: "cache")
                let disabled = ["scaleDown": ["selectPolicy": "Disabled"]]
                expectAdmitted(try tried(["metrics": [capacity], "behavior": disabled]), warning: "W208")
                let average = capacityMetric(of: "cache", target: ["type": "AverageValue", "averageValue": "90"])
                expectAdmitted(try tried(["metrics": [average]]), warning: "W212")
                let selector = "release=cache,role=alluxio-master"
                let status = ["status": fluidStatus(workers: 1, selector: selector)]
                expectAdmitted(try place.patch(.runtime, "cache", "status", status))
                try await eventually("the selector is known") { try tried(["metrics": [capacity]]).warns("W207") }
            }
        }

        @Test func `may come closer to the bounds, not go farther`() async throws {
            try await inPlace { place in
                expectAdmitted(try place.create(.runtime, runtime("cache", replicas: 2, annotations: bounds(2, 4))))
                try await withoutWebhooks(place) {
                    expectAdmitted(try place.create(.hpa, hpa("cache", of: "cache", minimum: 1, maximum: 12)))
                    expectAdmitted(try place.create(.hpa, hpa("second", of: "cache", minimum: 2, maximum: 4)))
                }
                expectAdmitted(try place.patch(.hpa, "cache", ["metadata": ["labels": ["a": "b"]]]))
                expectAdmitted(try place.patch(.hpa, "cache", ["spec": ["maxReplicas": 8]]), warning: "W204")
                expectRefused(try place.patch(.hpa, "cache", ["spec": ["maxReplicas": 9]]), "E203")
                expectAdmitted(try place.patch(.hpa, "cache", ["spec": ["maxReplicas": 4, "minReplicas": 2]]))
                // An update is filled in with nothing.
                #expect(try place.get(.hpa, "cache")["spec"]["behavior"].isAbsent)
            }
        }

        @Test func `is judged anew when it is pointed at another runtime`() async throws {
            try await inPlace { place in
                expectAdmitted(try place.create(.runtime, runtime("one")))
                expectAdmitted(try place.create(.runtime, runtime("two", replicas: 2, annotations: bounds(2, 3))))
                expectAdmitted(try place.create(.hpa, hpa("cache", of: "one", minimum: 2, maximum: 5)))
                expectRefused(try place.patch(.hpa, "cache", ["spec": ["scaleTargetRef": ["name": "two"]]]), "E203")
                expectRefused(try place.patch(.hpa, "cache", ["spec": ["scaleTargetRef": ["name": "three"]]]), "E207")
                #expect(try place.get(.hpa, "cache")["spec"]["scaleTargetRef"]["name"].string == "one")
            }
        }

        @Test func `may lose its finalizers while it is deleted, and the controller's status writes pass`() async throws
        {
            try await inPlace { place in
                try await withoutWebhooks(place) {
                    var old = hpa("cache", of: "cache", minimum: 1, maximum: 12)
                    old["metadata"] = ["name": "cache", "finalizers": ["example.com/wait"]] as [String: Any]
                    expectAdmitted(try place.create(.hpa, old))
                }
                let status = [
                    "status": ["currentReplicas": 1, "desiredReplicas": 1, "conditions": []] as [String: Any]
                ]
                expectAdmitted(try place.patch(.hpa, "cache", "status", status))
                try place.delete(.hpa, "cache")
                expectAdmitted(try place.patch(.hpa, "cache", ["metadata": ["finalizers": [String]()]]))
                try await eventually("the HPA is gone") { try !place.exists(.hpa, "cache") }
            }
        }
    }
}
