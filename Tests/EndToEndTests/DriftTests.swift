import Testing

extension OnACluster {
    /// What GitOps and people with kubectl do again and again: nothing of ours may come back to them as a difference.
    @Suite struct `What was applied` {
        /// The flags of both ways to apply.
        static let ways = [[], ["--server-side"]]

        /// Whether a dry run shows the first metric of any HPA twice; what is applied has it once.
        ///
        /// Kubernetes 1.20 keeps HPAs as autoscaling/v1, and reads the result of a dry run over the object that it has.
        static let showsMetricsTwice = KubernetesVersion.newestAutoscaling == "v2beta2"

        @Test func `of a foreign HPA is shown by 1.20 as ours is: with its first metric twice`() async throws {
            try await inPlace { place in
                let metric: [String: Any] = [
                    "type": "Pods",
                    "pods": ["metric": ["name": "q"], "target": ["type": "AverageValue", "averageValue": "5"]],
                ]
                let foreign = hpa(
                    "web", of: "web", maximum: 3, kind: "Deployment", group: "apps/v1", spec: ["metrics": [metric]])
                expectAdmitted(try place.create(.hpa, foreign))
                let tried = try place.patch(.hpa, "web", ["metadata": ["annotations": ["a": "b"]]], dryRun: true)
                #expect(tried.json["spec"]["metrics"].array.count == (Self.showsMetricsTwice ? 2 : 1), "\(tried)")
                #expect(try place.get(.hpa, "web")["spec"]["metrics"].array.count == 1)
            }
        }

        /// Applies an object twice, and looks for differences in between and afterwards.
        func expectNoDrift(_ place: Place, _ kind: Kind, _ object: [String: Any], _ flags: [String]) throws {
            let text = json(object)
            let name = JSON(object)["metadata"]["name"].string ?? ""
            func apply() throws -> JSON {
                let applied = try place.kubectl(["apply", "--validate=false"] + flags + ["-f", "-"], input: text)
                #expect(applied.succeeded, "\(applied)")
                return try place.get(kind, name)
            }
            func expectNoDifference() throws {
                let difference = try place.kubectl(["diff"] + flags + ["-f", "-"], input: text)
                if Self.showsMetricsTwice, flags == ["--server-side"], kind.plural == Kind.hpa.plural {
                    let added = difference.output.split(separator: "\n").filter { $0.hasPrefix("+ ") }
                    #expect(added.count == 11 && added[0].contains("- object:"), "\(difference)")
                    #expect(!difference.output.contains("\n- "), "\(difference)")
                } else {
                    #expect(difference.status == 0, "\(difference)")
                }
            }
            let first = try apply()
            try expectNoDifference()
            let second = try apply()
            // Kubernetes 1.20 writes the time of a server-side apply anew where something was filled in.
            if KubernetesVersion.minor > 20 || flags.isEmpty {
                #expect(second["metadata"]["resourceVersion"].string == first["metadata"]["resourceVersion"].string)
            }
            #expect(second["metadata"]["generation"].int == first["metadata"]["generation"].int)
            #expect(second["spec"].description == first["spec"].description)
            try expectNoDifference()
        }

        @Test(arguments: ways) func `of a runtime that says little shows no difference`(flags: [String]) async throws {
            try await inPlace { place in
                try expectNoDrift(place, .runtime, runtime("cache", tiers: [memory]), flags)
                #expect(try place.get(.runtime, "cache")["spec"]["replicas"].int == 1)
            }
        }

        @Test(arguments: ways) func `of an HPA that says little shows no difference`(flags: [String]) async throws {
            try await inPlace { place in
                expectAdmitted(try place.create(.runtime, runtime("cache", replicas: 2, annotations: bounds(2, 6))))
                try expectNoDrift(place, .hpa, hpa("cache", of: "cache", minimum: 2, maximum: 6), flags)
                let spec = try place.get(.hpa, "cache")["spec"]
                #expect(spec["behavior"]["scaleDown"]["stabilizationWindowSeconds"].int == 60)
            }
        }

        @Test(arguments: ways) func `leaves a count that was scaled since alone`(flags: [String]) async throws {
            try await inPlace { place in
                let text = json(runtime("cache", annotations: bounds(1, 6)))
                let apply = ["apply", "--validate=false"] + flags + ["-f", "-"]
                let applied = try place.kubectl(apply, input: text)
                #expect(applied.succeeded, "\(applied)")
                expectAdmitted(try place.scale(.runtime, "cache", to: 3))
                let again = try place.kubectl(apply, input: text)
                #expect(again.succeeded, "\(again)")
                #expect(try place.get(.runtime, "cache")["spec"]["replicas"].int == 3)
            }
        }

        @Test func `by kubectl autoscale is a whole HPA, and is refused like any other`() async throws {
            try await inPlace { place in
                expectAdmitted(try place.create(.runtime, runtime("cache", replicas: 2, annotations: bounds(2, 4))))
                let wide = try place.kubectl("autoscale", "alluxioruntime", "cache", "--min=2", "--max=9")
                #expect(!wide.succeeded && wide.errors.contains("E203"), "\(wide)")
                let made = try place.kubectl("autoscale", "alluxioruntime", "cache", "--min=2", "--max=4")
                #expect(made.succeeded, "\(made)")
                let spec = try place.get(.hpa, "cache")["spec"]
                #expect(spec["minReplicas"].int == 2)
                #expect(spec["maxReplicas"].int == 4)
                #expect(spec["behavior"]["scaleDown"]["policies"][0]["value"].int == 1)
                try await eventually("it is known") {
                    let second = try place.kubectl("autoscale", "alluxioruntime", "cache", "--max=4", "--name=second")
                    return !second.succeeded && second.errors.contains("E201")
                }
            }
        }

        @Test(.enabled("kubectl has --subresource since 1.24") { KubernetesVersion.kubectl >= 24 })
        func `by a patch of the subresource scale is judged, and stays`() async throws {
            try await inPlace { place in
                let written = runtime("cache", annotations: bounds(1, 4))
                expectAdmitted(try place.apply(.runtime, written))
                func patch(_ count: Int) throws -> Outcome {
                    try place.kubectl(
                        "patch", "alluxioruntime", "cache", "--subresource=scale", "--type=merge", "--patch",
                        json(["spec": ["replicas": count]]))
                }
                let refused = try patch(9)
                #expect(!refused.succeeded && refused.errors.contains("E301"), "\(refused)")
                let patched = try patch(3)
                #expect(patched.succeeded, "\(patched)")
                expectAdmitted(try place.apply(.runtime, written))
                #expect(try place.get(.runtime, "cache")["spec"]["replicas"].int == 3)
            }
        }
    }
}
