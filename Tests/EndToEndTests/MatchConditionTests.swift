import Testing

extension OnACluster {
    /// What the API server asks us about: from Kubernetes 1.30 on its match conditions sort out what is none of ours.
    @Suite struct `What Sluice is asked about` {
        static let conditions = Comment("match conditions, which Kubernetes has since 1.30")
        static let hasConditions = KubernetesVersion.minor >= 30

        /// How many reviews of this kind were answered up to now.
        ///
        /// The page of figures may be a little old: one with a later review on it has all that came before.
        func reviews(_ kind: String, _ place: Place) async throws -> Int {
            let before = try counted("AlluxioRuntime", place)
            expectAdmitted(try place.create(.runtime, runtime("marker"), dryRun: true))
            try await eventually("another page is made") { try counted("AlluxioRuntime", place) > before }
            return try counted(kind, place)
        }
        func counted(_ kind: String, _ place: Place) throws -> Int {
            try place.sluice.health("/metrics").body.split(separator: "\n")
                .filter { $0.hasPrefix("sluice_admission_requests_total{") && $0.contains("kind=\"\(kind)\"") }
                .compactMap { $0.split(separator: " ").last.flatMap { Int($0) } }.reduce(0, +)
        }

        @Test(.enabled(conditions) { hasConditions })
        func `is selected by conditions that the API server has compiled`() async throws {
            try await inPlace { place in
                for kind in ["mutating", "validating"] {
                    let path = "/apis/admissionregistration.k8s.io/v1/\(kind)webhookconfigurations/sluice"
                    let entries = try place.api.get(path)["webhooks"].array.filter {
                        $0["rules"].array.contains { $0["resources"].strings == ["horizontalpodautoscalers"] }
                    }
                    #expect(entries.count == 1)
                    #expect(entries.allSatisfy { !$0["matchConditions"].array.isEmpty }, "\(entries)")
                }
            }
        }

        @Test func `is every HPA of a runtime, and another one only before 1.30`() async throws {
            try await inPlace { place in
                expectAdmitted(try place.create(.runtime, runtime("cache")))
                let before = try await reviews("HorizontalPodAutoscaler", place)
                let other = hpa("web", of: "web", maximum: 3, kind: "Deployment", group: "apps/v1")
                expectAdmitted(try place.create(.hpa, other))
                expectAdmitted(try place.patch(.hpa, "web", ["spec": ["maxReplicas": 4]]))
                let between = try await reviews("HorizontalPodAutoscaler", place)
                #expect((between == before) == Self.hasConditions, "\(between - before)")
                expectAdmitted(try place.create(.hpa, hpa("cache", of: "cache", maximum: 3)))
                let after = try await reviews("HorizontalPodAutoscaler", place)
                #expect(after == between + 2)
            }
        }

        @Test func `is a worker set's update that lowers it, and any other only before 1.30`() async throws {
            try await inPlace { place in
                expectAdmitted(try place.create(.runtime, runtime("cache", replicas: 3)))
                expectAdmitted(try place.create(.statefulSet, workerSet(of: "cache", replicas: 3)))
                let before = try await reviews("StatefulSet", place)
                expectAdmitted(
                    try place.patch(.statefulSet, "cache-worker", ["metadata": ["annotations": ["a": "b"]]]))
                expectAdmitted(try place.patch(.statefulSet, "cache-worker", ["spec": ["replicas": 4]]))
                let between = try await reviews("StatefulSet", place)
                #expect((between == before) == Self.hasConditions, "\(between - before)")
                expectAdmitted(
                    try place.patch(.statefulSet, "cache-worker", ["spec": ["replicas": 1]]), warning: "H401")
                let after = try await reviews("StatefulSet", place)
                #expect(after > between)
            }
        }
    }
}
