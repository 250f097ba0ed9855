import Testing

extension OnACluster {
    /// D101 to D103, as the API server stores them.
    @Suite struct `A new runtime` {
        @Test func `that says nothing gets a worker, metrics and bounds`() async throws {
            try await inPlace { place in
                let created = try place.create(.runtime, runtime("cache"))
                expectAdmitted(created)
                let stored = try place.get(.runtime, "cache")
                #expect(stored["spec"]["replicas"].int == 1)
                #expect(stored["spec"]["disablePrometheus"].bool == false)
                let annotations = stored["metadata"]["annotations"]
                #expect(annotations["sluice.dev/min-replicas"].string == "1")
                #expect(annotations["sluice.dev/max-replicas"].string == "10")
                #expect(annotations["sluice.dev/defaulted"].string == "bounds")
            }
        }

        @Test func `keeps what its owner wrote`() async throws {
            try await inPlace { place in
                let written = runtime(
                    "cache", replicas: 3, annotations: bounds(2, 4), tiers: [memory],
                    spec: ["disablePrometheus": true, "data": ["pin": true, "replicas": 1]])
                expectAdmitted(try place.create(.runtime, written))
                let stored = try place.get(.runtime, "cache")
                #expect(stored["spec"]["replicas"].int == 3)
                #expect(stored["spec"]["disablePrometheus"].bool == true)
                #expect(stored["spec"]["data"].description == #"{"pin":true,"replicas":1}"#)
                #expect(
                    stored["metadata"]["annotations"].description
                        == #"{"sluice.dev/max-replicas":"4","sluice.dev/min-replicas":"2"}"#)
            }
        }

        @Test func `starts with its annotated minimum`() async throws {
            try await inPlace { place in
                let written = runtime("cache", annotations: ["sluice.dev/min-replicas": "3"])
                expectAdmitted(try place.create(.runtime, written))
                #expect(try place.get(.runtime, "cache")["spec"]["replicas"].int == 3)
            }
        }

        @Test func `may be larger than the default maximum`() async throws {
            try await inPlace { place in
                expectAdmitted(try place.create(.runtime, runtime("cache", replicas: 16)))
                let annotations = try place.get(.runtime, "cache")["metadata"]["annotations"]
                #expect(annotations["sluice.dev/max-replicas"].string == "16")
            }
        }

        @Test func `may start with 0 workers`() async throws {
            try await inPlace { place in
                expectAdmitted(try place.create(.runtime, runtime("cache", replicas: 0)))
                #expect(try place.get(.runtime, "cache")["spec"]["replicas"].int == 0)
            }
        }

        @Test func `is filled in the same way on a dry run, which stores nothing`() async throws {
            try await inPlace { place in
                let tried = try place.create(.runtime, runtime("cache"), dryRun: true)
                expectAdmitted(tried)
                #expect(tried.json["spec"]["replicas"].int == 1)
                #expect(tried.json["metadata"]["annotations"]["sluice.dev/max-replicas"].string == "10")
                #expect(try !place.exists(.runtime, "cache"))
            }
        }

        @Test func `is filled in by server-side apply too, and applying it again changes nothing`() async throws {
            try await inPlace { place in
                let written = runtime("cache", tiers: [memory])
                expectAdmitted(try place.apply(.runtime, written))
                let first = try place.get(.runtime, "cache")
                #expect(first["spec"]["replicas"].int == 1)
                expectAdmitted(try place.apply(.runtime, written))
                let second = try place.get(.runtime, "cache")
                #expect(second["metadata"]["generation"].int == first["metadata"]["generation"].int)
                #expect(second["spec"].description == first["spec"].description)
            }
        }

        @Test func `can be applied again by kubectl, which changes nothing`() async throws {
            try await inPlace { place in
                let written = runtime("cache", spec: ["data": ["pin": true]])
                let first = try place.kubectlApply(written)
                #expect(first.output.contains("created"), "\(first)")
                let second = try place.kubectlApply(written)
                #expect(second.output.contains("unchanged"), "\(second)")
                #expect(try place.get(.runtime, "cache")["spec"]["replicas"].int == 1)
            }
        }

        @Test func `gets nothing on an update`() async throws {
            try await inPlace { place in
                try await withoutWebhooks(place) {
                    expectAdmitted(try place.create(.runtime, runtime("cache")))
                }
                expectAdmitted(try place.patch(.runtime, "cache", ["metadata": ["labels": ["a": "b"]]]))
                let stored = try place.get(.runtime, "cache")
                #expect(stored["spec"]["replicas"].isAbsent)
                #expect(stored["spec"]["disablePrometheus"].isAbsent)
                #expect(stored["metadata"]["annotations"].isAbsent)
            }
        }
    }
}
