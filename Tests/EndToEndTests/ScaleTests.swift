import Testing

extension OnACluster {
    /// E301 and E302: how HPAs, CronHPAs and `kubectl scale` ask for workers.
    @Suite struct `A scale request for a runtime` {
        @Test func `stays within bounds that a person wrote, or is 0`() async throws {
            try await inPlace { place in
                expectAdmitted(try place.create(.runtime, runtime("cache", replicas: 2, annotations: bounds(2, 4))))
                expectRefused(try place.scale(.runtime, "cache", to: 5), "E301 spec.replicas", "maximum of 4")
                expectRefused(try place.scale(.runtime, "cache", to: 1), "E302 spec.replicas", "minimum of 2")
                #expect(try place.get(.runtime, "cache")["spec"]["replicas"].int == 2)
                expectAdmitted(try place.scale(.runtime, "cache", to: 4))
                #expect(try place.get(.runtime, "cache")["spec"]["replicas"].int == 4)
                expectAdmitted(try place.scale(.runtime, "cache", to: 0))
                #expect(try place.get(.runtime, "cache")["spec"]["replicas"].int == 0)
            }
        }

        @Test func `by kubectl scale is refused in the same words`() async throws {
            try await inPlace { place in
                expectAdmitted(try place.create(.runtime, runtime("cache", replicas: 2, annotations: bounds(2, 4))))
                let refused = try place.kubectl("scale", "alluxioruntime", "cache", "--replicas=9")
                #expect(!refused.succeeded)
                #expect(refused.errors.contains("E301"), "\(refused)")
                #expect(refused.errors.contains("sluice.dev/max-replicas=9 --overwrite"), "\(refused)")
                let scaled = try place.kubectl("scale", "alluxioruntime", "cache", "--replicas=3")
                #expect(scaled.succeeded, "\(scaled)")
                #expect(try place.get(.runtime, "cache")["spec"]["replicas"].int == 3)
            }
        }

        @Test func `by a patch of the subresource is judged too`() async throws {
            try await inPlace { place in
                expectAdmitted(try place.create(.runtime, runtime("cache", replicas: 2, annotations: bounds(2, 4))))
                expectRefused(try place.patch(.runtime, "cache", "scale", ["spec": ["replicas": 9]]), "E301")
                #expect(try place.get(.runtime, "cache")["spec"]["replicas"].int == 2)
            }
        }

        @Test func `beyond a maximum that was filled in only gets a warning`() async throws {
            try await inPlace { place in
                expectAdmitted(try place.create(.runtime, runtime("cache")))
                expectAdmitted(try place.scale(.runtime, "cache", to: 11), warning: "W301")
                #expect(try place.get(.runtime, "cache")["spec"]["replicas"].int == 11)
            }
        }

        @Test func `towards the bounds passes, and away from them does not`() async throws {
            try await inPlace { place in
                try await withoutWebhooks(place) {
                    expectAdmitted(
                        try place.create(.runtime, runtime("cache", replicas: 12, annotations: bounds(2, 4))))
                }
                expectRefused(try place.scale(.runtime, "cache", to: 13), "E301")
                expectAdmitted(try place.scale(.runtime, "cache", to: 8), warning: "W302")
                expectRefused(try place.scale(.runtime, "cache", to: 9), "E301")
            }
        }

        @Test func `that is negative is refused`() async throws {
            try await inPlace { place in
                expectAdmitted(try place.create(.runtime, runtime("cache", replicas: 2)))
                expectRefused(try place.scale(.runtime, "cache", to: -1))
                #expect(try place.get(.runtime, "cache")["spec"]["replicas"].int == 2)
            }
        }

        @Test func `as a dry run gets the same answer and changes nothing`() async throws {
            try await inPlace { place in
                expectAdmitted(try place.create(.runtime, runtime("cache", replicas: 2, annotations: bounds(2, 4))))
                expectRefused(try place.scale(.runtime, "cache", to: 9, dryRun: true), "E301")
                expectAdmitted(try place.scale(.runtime, "cache", to: 3, dryRun: true))
                #expect(try place.get(.runtime, "cache")["spec"]["replicas"].int == 2)
            }
        }

        @Test func `right after the runtime was made is judged by a live look`() async throws {
            try await inPlace { place in
                for number in 0..<5 {
                    let name = "cache-\(number)"
                    expectAdmitted(try place.create(.runtime, runtime(name, replicas: 2, annotations: bounds(2, 4))))
                    expectRefused(try place.scale(.runtime, name, to: 9), "E301")
                }
            }
        }
    }
}
