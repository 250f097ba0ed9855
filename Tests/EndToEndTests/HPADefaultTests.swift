import Testing

extension OnACluster {
    /// D201 to D204, through every version of autoscaling that the API server has.
    @Suite struct `A new HPA on a runtime` {
        @Test(arguments: KubernetesVersion.autoscaling)
        func `by kubectl apply that says only what it scales gets all from the runtime`(version: String) async throws {
            try await inPlace { place in
                expectAdmitted(try place.create(.runtime, runtime("cache", replicas: 2, annotations: bounds(2, 6))))
                let applied = try place.kubectlApply(hpa("cache", of: "cache", version: version))
                #expect(applied.succeeded, "\(applied)")
                // Nobody serves a metric here, which does not leave the HPA without one.
                #expect(applied.errors.contains("W214 "), "\(applied)")
                let spec = try place.get(.hpa, "cache")["spec"]
                #expect(spec["minReplicas"].int == 2)
                #expect(spec["maxReplicas"].int == 6)
                #expect(spec["metrics"].array.count == 1)
                #expect(spec["metrics"][0]["object"]["metric"]["name"].string == "capacity_used_rate")
                #expect(spec["metrics"][0]["object"]["describedObject"]["kind"].string == "Dataset")
                #expect(spec["metrics"][0]["object"]["describedObject"]["name"].string == "cache")
                #expect(spec["metrics"][0]["object"]["target"].description == #"{"type":"Value","value":"90"}"#)
                let scaleDown = spec["behavior"]["scaleDown"]
                #expect(scaleDown["stabilizationWindowSeconds"].int == 60)
                #expect(
                    scaleDown["policies"].description == #"[{"periodSeconds":60,"type":"Pods","value":1}]"#)
            }
        }

        @Test(arguments: KubernetesVersion.autoscaling) func `keeps what was written`(version: String) async throws {
            try await inPlace { place in
                expectAdmitted(try place.create(.runtime, runtime("cache", replicas: 2, annotations: bounds(1, 6))))
                let written = hpa("cache", of: "cache", version: version, minimum: 1, maximum: 3)
                #expect(try place.kubectlApply(written).succeeded)
                let spec = try place.get(.hpa, "cache")["spec"]
                #expect(spec["minReplicas"].int == 1)
                #expect(spec["maxReplicas"].int == 3)
            }
        }

        @Test func `keeps a behaviour and a metric that were written`() async throws {
            try await inPlace { place in
                expectAdmitted(try place.create(.runtime, runtime("cache")))
                let pace: [String: Any] = [
                    "stabilizationWindowSeconds": 900,
                    "policies": [["type": "Percent", "value": 10, "periodSeconds": 60] as [String: Any]],
                ]
                let cpu: [String: Any] = [
                    "type": "Resource",
                    "resource": ["name": "cpu", "target": ["type": "Utilization", "averageUtilization": 80]],
                ]
                let written = hpa(
                    "cache", of: "cache", maximum: 3, spec: ["behavior": ["scaleDown": pace], "metrics": [cpu]])
                #expect(try place.kubectlApply(written).succeeded)
                let spec = try place.get(.hpa, "cache")["spec"]
                #expect(spec["behavior"]["scaleDown"]["stabilizationWindowSeconds"].int == 900)
                #expect(spec["behavior"]["scaleDown"]["policies"][0]["type"].string == "Percent")
                #expect(spec["metrics"][0]["resource"]["name"].string == "cpu")
            }
        }

        @Test(
            .enabled("a tolerance for each direction, which Kubernetes has since 1.35") {
                KubernetesVersion.minor >= 35
            })
        func `keeps its tolerances beside what is filled in`() async throws {
            try await inPlace { place in
                expectAdmitted(try place.create(.runtime, runtime("cache")))
                expectAdmitted(try place.create(.runtime, runtime("other")))
                let up = hpa("cache", of: "cache", maximum: 3, spec: ["behavior": ["scaleUp": ["tolerance": "50m"]]])
                #expect(try place.kubectlApply(up).succeeded)
                let behavior = try place.get(.hpa, "cache")["spec"]["behavior"]
                #expect(behavior["scaleUp"]["tolerance"].string == "50m")
                #expect(behavior["scaleDown"]["stabilizationWindowSeconds"].int == 60)
                let down = hpa(
                    "other", of: "other", maximum: 3, spec: ["behavior": ["scaleDown": ["tolerance": "200m"]]])
                #expect(try place.kubectlApply(down).succeeded)
                expectAdmitted(try place.patch(.hpa, "other", ["spec": ["maxReplicas": 4]]))
                #expect(try place.get(.hpa, "other")["spec"]["behavior"]["scaleDown"]["tolerance"].string == "200m")
            }
        }

        @Test func `with only a pace upwards gets one downwards`() async throws {
            try await inPlace { place in
                expectAdmitted(try place.create(.runtime, runtime("cache")))
                let up = ["policies": [["type": "Pods", "value": 2, "periodSeconds": 600] as [String: Any]]]
                let written = hpa(
                    "cache", of: "cache", maximum: 3,
                    spec: ["behavior": ["scaleUp": up], "metrics": [capacityMetric(of: "cache")]])
                #expect(try place.kubectlApply(written).succeeded)
                let behavior = try place.get(.hpa, "cache")["spec"]["behavior"]
                #expect(behavior["scaleDown"]["stabilizationWindowSeconds"].int == 60)
                #expect(behavior["scaleDown"]["policies"].description.contains(#""type":"Pods","value":1"#))
                #expect(behavior["scaleUp"]["policies"][0]["value"].int == 2)
            }
        }

        @Test func `written without a trace of what was meant keeps the CPU metric, with a warning`() async throws {
            try await inPlace { place in
                expectAdmitted(try place.create(.runtime, runtime("cache", replicas: 2, annotations: bounds(2, 6))))
                let created = try place.create(.hpa, hpa("cache", of: "cache", minimum: 2, maximum: 6))
                expectAdmitted(created, warning: "W210 spec.metrics")
                #expect(created.json["spec"]["metrics"][0]["resource"]["name"].string == "cpu")
                #expect(created.json["spec"]["behavior"]["scaleDown"]["stabilizationWindowSeconds"].int == 60)
            }
        }

        @Test func `by server-side apply is filled in where nothing is doubtful`() async throws {
            try await inPlace { place in
                expectAdmitted(try place.create(.runtime, runtime("cache", annotations: bounds(1, 6))))
                expectAdmitted(try place.apply(.hpa, hpa("cache", of: "cache", minimum: 1)))
                let spec = try place.get(.hpa, "cache")["spec"]
                #expect(spec["maxReplicas"].int == 6)
                #expect(spec["behavior"]["scaleDown"]["stabilizationWindowSeconds"].int == 60)
            }
        }

        @Test func `by server-side apply that says only what it scales gets all from the runtime, and keeps it`()
            async throws
        {
            try await inPlace { place in
                expectAdmitted(try place.create(.runtime, runtime("cache", replicas: 2, annotations: bounds(2, 6))))
                let minimal = hpa("cache", of: "cache", maximum: 6)
                for _ in 0..<2 {
                    expectAdmitted(try place.apply(.hpa, minimal))
                    let spec = try place.get(.hpa, "cache")["spec"]
                    #expect(spec["minReplicas"].int == 2)
                    #expect(spec["metrics"][0]["object"]["metric"]["name"].string == "capacity_used_rate")
                    #expect(spec["behavior"]["scaleDown"]["stabilizationWindowSeconds"].int == 60)
                }
            }
        }

        @Test func `is told when an update loses what was filled in`() async throws {
            try await inPlace { place in
                expectAdmitted(try place.create(.runtime, runtime("cache", replicas: 2, annotations: bounds(1, 6))))
                let minimal = hpa("cache", of: "cache", maximum: 6)
                #expect(try place.kubectlApply(minimal).succeeded)
                let again = try place.kubectlApply(minimal)
                #expect(again.succeeded && !again.errors.contains("W213"), "\(again)")
                let replaced = try place.kubectl("replace", "--validate=false", "-f", "-", input: json(minimal))
                #expect(replaced.succeeded, "\(replaced)")
                for text in [
                    "spec.metrics: CPU at 80 % in the place of", "spec.behavior.scaleDown: ",
                ] {
                    #expect(replaced.errors.contains("W213 \(text)"), "\(replaced)")
                }
            }
        }

        @Test func `is told when the first server-side apply loses what client-side apply got`() async throws {
            try await inPlace { place in
                expectAdmitted(try place.create(.runtime, runtime("cache", replicas: 2, annotations: bounds(1, 6))))
                let minimal = json(hpa("cache", of: "cache", maximum: 6))
                #expect(try place.kubectl("apply", "--validate=false", "-f", "-", input: minimal).succeeded)
                let applied = try place.kubectl(
                    "apply", "--validate=false", "--server-side", "--force-conflicts", "-f", "-", input: minimal)
                #expect(applied.succeeded, "\(applied)")
                let metric = try place.get(.hpa, "cache")["spec"]["metrics"][0]
                #expect(
                    metric["type"].string == "Object" || applied.errors.contains("W213 spec.metrics: "), "\(applied)")
            }
        }

        @Test func `is told that nobody serves the metric`() async throws {
            try await inPlace { place in
                expectAdmitted(try place.create(.runtime, runtime("cache")))
                let measured = hpa("cache", of: "cache", maximum: 3, spec: ["metrics": [capacityMetric(of: "cache")]])
                let created = try place.create(.hpa, measured)
                expectAdmitted(created, warning: "W214 spec.metrics[0]: nobody serves custom.metrics.k8s.io")
            }
        }

        @Test func `is filled in the same way on a dry run`() async throws {
            try await inPlace { place in
                expectAdmitted(try place.create(.runtime, runtime("cache", annotations: bounds(1, 6))))
                let tried = try place.create(.hpa, hpa("cache", of: "cache"), dryRun: true)
                expectAdmitted(tried)
                #expect(tried.json["spec"]["maxReplicas"].int == 6)
                #expect(try !place.exists(.hpa, "cache"))
            }
        }

        @Test func `of a controller is left alone, and its bounds only get a warning`() async throws {
            try await inPlace { place in
                expectAdmitted(try place.create(.runtime, runtime("cache", replicas: 2, annotations: bounds(2, 6))))
                let owner: [String: Any] = [
                    "apiVersion": "keda.sh/v1alpha1", "kind": "ScaledObject", "name": "cache",
                    "uid": "00000000-0000-4000-8000-000000000001", "controller": true,
                ]
                let written = hpa(
                    "keda-hpa-cache", of: "cache", minimum: 1, maximum: 100, owner: owner,
                    spec: ["metrics": [capacityMetric(of: "cache")]])
                let created = try place.create(.hpa, written)
                expectAdmitted(created, warning: "W202 spec.maxReplicas", "W202 spec.minReplicas")
                #expect(created.json["spec"]["minReplicas"].int == 1)
                #expect(created.json["spec"]["maxReplicas"].int == 100)
                #expect(created.json["spec"]["behavior"].isAbsent)
            }
        }

        @Test func `in the same kubectl apply as its runtime gets that runtime's bounds`() async throws {
            try await inPlace { place in
                let both: [String: Any] = [
                    "apiVersion": "v1", "kind": "List",
                    "items": [
                        runtime("cache", replicas: 3, annotations: bounds(3, 5), tiers: [memory]),
                        hpa("cache", of: "cache"),
                    ],
                ]
                let applied = try place.kubectlApply(both)
                #expect(applied.succeeded, "\(applied)")
                let spec = try place.get(.hpa, "cache")["spec"]
                #expect(spec["minReplicas"].int == 3)
                #expect(spec["maxReplicas"].int == 5)
            }
        }

        @Test func `on something else passes untouched`() async throws {
            try await inPlace { place in
                let written = hpa("web", of: "web", maximum: 3, kind: "Deployment", group: "apps/v1")
                let created = try place.create(.hpa, written)
                expectAdmitted(created)
                #expect(created.warnings == [])
                #expect(created.json["spec"]["behavior"].isAbsent)
                #expect(created.json["spec"]["metrics"][0]["resource"]["name"].string == "cpu")
                expectAdmitted(
                    try place.create(.hpa, hpa("other", of: "web", maximum: 3, kind: "Deployment", group: "apps/v1")))
            }
        }
    }
}
