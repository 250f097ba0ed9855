import Testing

extension OnACluster {
    /// E101 to E111: what Fluid would find out only later, and what goes beyond the bounds.
    @Suite struct `A wrong runtime` {
        /// A new runtime, and the codes of its refusal.
        static var refused: [(name: String, spec: [String: Any], annotations: [String: String], codes: [String])] {
            [
                ("20-hbase", [:], [:], ["E101 metadata.name"]),
                ("a.b", [:], [:], ["E101 metadata.name"]),
                (String(repeating: "a", count: 46), [:], [:], ["E102 metadata.name"]),
                // The API server refuses this one itself, where the CRD has a scale subresource.
                ("cache", ["replicas": -1], [:], []),
                ("cache", ["replicas": 1], bounds(2, 4), ["E104 spec.replicas"]),
                ("cache", ["replicas": 5], bounds(2, 4), ["E105 spec.replicas"]),
                (
                    "cache", ["tieredstore": ["levels": [["mediumtype": "MEM", "path": "/dev/shm"]]]], [:],
                    ["E107 spec.tieredstore.levels[0].quota"]
                ),
                (
                    "cache",
                    ["tieredstore": ["levels": [["mediumtype": "SSD", "path": "/a,/b", "quotaList": "1Gi,2Gi,3Gi"]]]],
                    [:],
                    ["E108 spec.tieredstore.levels[0].quotaList"]
                ),
                // The pattern of Fluid's CRD is the API server's own to check: one quantity, or none at all.
                (
                    "cache", ["tieredstore": ["levels": [["mediumtype": "SSD", "path": "/a", "quotaList": "1Gi"]]]],
                    [:], []
                ),
                (
                    "cache", ["tieredstore": ["levels": [["mediumtype": "SSD", "path": "/a", "quotaList": "many"]]]],
                    [:], []
                ),
                (
                    "cache", [:], ["sluice.dev/max-replicas": "ten"],
                    ["E109 metadata.annotations[sluice.dev/max-replicas]"]
                ),
                (
                    "cache", [:], ["sluice.dev/min-replicas": "-1"],
                    ["E109 metadata.annotations[sluice.dev/min-replicas]"]
                ),
                ("cache", ["replicas": 3], bounds(5, 4), ["E110 metadata.annotations[sluice.dev/min-replicas]"]),
                ("cache", [:], ["sluice.dev/drain": "Perhaps"], ["E111 metadata.annotations[sluice.dev/drain]"]),
                ("cache", [:], ["sluice.dev/drain-deadline": "soon"], ["E111"]),
                (
                    "20-hbase",
                    ["replicas": 9, "tieredstore": ["levels": [["mediumtype": "MEM", "path": "/dev/shm"]]]],
                    bounds(2, 4),
                    ["E101", "E105", "E107"]
                ),
            ]
        }

        @Test(arguments: 0..<refused.count) func `is refused with its codes, and not stored`(row: Int) async throws {
            let (name, spec, annotations, codes) = Self.refused[row]
            try await inPlace { place in
                let answer = try place.create(.runtime, runtime(name, annotations: annotations, spec: spec))
                expectRefused(answer)
                var rest = answer.message[...]
                for code in codes {
                    // All errors in one answer, in the order of their fields.
                    let found = rest.firstRange(of: code)
                    #expect(found != nil, "\(code): \(answer)")
                    if let found { rest = rest[found.upperBound...] }
                }
                #expect(try !place.exists(.runtime, name))
            }
        }

        @Test func `is refused by kubectl with a text that says what to do`() async throws {
            try await inPlace { place in
                let tiers = [["mediumtype": "MEM", "path": "/dev/shm"]]
                let applied = try place.kubectlApply(runtime("cache", tiers: tiers))
                #expect(!applied.succeeded)
                #expect(applied.errors.contains("runtimes.validate.sluice.dev"), "\(applied)")
                #expect(applied.errors.contains("Write quota, such as 2Gi"), "\(applied)")
            }
        }

        @Test func `is refused on a dry run too`() async throws {
            try await inPlace { place in
                expectRefused(try place.create(.runtime, runtime("20-cache"), dryRun: true), "E101")
            }
        }

        @Test func `is refused by server-side apply too`() async throws {
            try await inPlace { place in
                expectRefused(try place.apply(.runtime, runtime("20-cache")), "E101")
                #expect(try !place.exists(.runtime, "20-cache"))
            }
        }

        @Test func `works, but not as meant, and a warning says so`() async throws {
            try await inPlace { place in
                var tier = memory
                tier["high"] = "95"
                let marks = try place.create(.runtime, runtime("marks", tiers: [tier]), dryRun: true)
                expectAdmitted(marks, warning: "W101 spec.tieredstore.levels[0].high")
                tier["high"] = "0.5"
                let order = try place.create(.runtime, runtime("order", tiers: [tier]), dryRun: true)
                expectAdmitted(order, warning: "W102 spec.tieredstore.levels[0].low")
                let workers = try place.create(
                    .runtime, runtime("workers", spec: ["worker": ["replicas": 3]]), dryRun: true)
                expectAdmitted(workers, warning: "W103 spec.worker.replicas")
                let spelling = runtime("spelling", annotations: ["sluice.dev/drian": "None"])
                expectAdmitted(try place.create(.runtime, spelling, dryRun: true), warning: "W108")
            }
        }

        @Test func `with the proposal's flag is told that this cluster drops it`() async throws {
            try await inPlace { place in
                let applied = try place.kubectlApply(runtime("cache", spec: ["monitoring": true]))
                #expect(applied.succeeded)
                #expect(applied.errors.contains("W105"), "\(applied)")
                #expect(try place.get(.runtime, "cache")["spec"]["monitoring"].isAbsent)
            }
        }
    }
}
