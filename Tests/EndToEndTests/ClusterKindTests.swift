import Foundation
import Testing

/// A CRD that takes everything, with a status of its own.
func anyKind(_ plural: String, group: String, version: String, kind: String) -> [String: Any] {
    [
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": ["name": "\(plural).\(group)"],
        "spec": [
            "group": group, "scope": "Namespaced",
            "names": ["kind": kind, "plural": plural, "singular": kind.lowercased(), "listKind": kind + "List"],
            "versions": [
                [
                    "name": version, "served": true, "storage": true,
                    "subresources": ["status": [String: Any]()],
                    "schema": [
                        "openAPIV3Schema": ["type": "object", "x-kubernetes-preserve-unknown-fields": true]
                            as [String: Any]
                    ],
                ] as [String: Any]
            ],
        ] as [String: Any],
    ]
}

/// Runs a test in a cluster that has one more kind.
func withKind(
    _ definition: [String: Any], _ test: (Place) async throws -> Void
) async throws {
    try await inPlace { place in
        let definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
        let created = try place.api.send("POST", definitions, json(definition))
        guard created.succeeded else { throw Trouble("\(created)") }
        let name = JSON(definition)["metadata"]["name"].string ?? ""
        defer { _ = try? place.api.send("DELETE", "\(definitions)/\(name)") }
        try await eventually("\(name) is established") {
            try place.api.get("\(definitions)/\(name)")["status"]["conditions"].array.contains {
                $0["type"].string == "Established" && $0["status"].string == "True"
            }
        }
        try await test(place)
    }
}

extension OnACluster {
    /// Kinds that come, change and go while Sluice runs.
    @Suite struct `The cluster's kinds` {
        /// Another scaler makes an HPA the second one, by kind and name.
        func refusesBeside(_ kind: Kind, _ name: String, _ scaler: [String: Any], _ place: Place) async throws {
            expectAdmitted(try place.create(.runtime, runtime("cache")))
            try await eventually("the kind is served") { try place.create(kind, scaler).succeeded }
            let answer = try await eventually("the scaler is known", withinSeconds: 60) {
                let tried = try place.create(.hpa, hpa("cache", of: "cache", maximum: 3), dryRun: true)
                return tried.succeeded ? nil : tried
            }
            expectRefused(answer, "E201", "\(name) \"scaler\"")
        }

        @Test func `include KEDA's ScaledObject when it is installed later`() async throws {
            let definition = anyKind("scaledobjects", group: "keda.sh", version: "v1alpha1", kind: "ScaledObject")
            try await withKind(definition) { place in
                let scaler: [String: Any] = [
                    "apiVersion": "keda.sh/v1alpha1", "kind": "ScaledObject", "metadata": ["name": "scaler"],
                    "spec": [
                        "scaleTargetRef": [
                            "apiVersion": "data.fluid.io/v1alpha1", "kind": "AlluxioRuntime", "name": "cache",
                        ]
                    ],
                ]
                try await refusesBeside(.scaledObject, "ScaledObject", scaler, place)
            }
        }

        @Test func `include the CronHPA when it is installed later`() async throws {
            let definition = anyKind(
                "cronhorizontalpodautoscalers", group: "autoscaling.alibabacloud.com", version: "v1beta1",
                kind: "CronHorizontalPodAutoscaler")
            try await withKind(definition) { place in
                let scaler: [String: Any] = [
                    "apiVersion": "autoscaling.alibabacloud.com/v1beta1", "kind": "CronHorizontalPodAutoscaler",
                    "metadata": ["name": "scaler"],
                    "spec": [
                        "scaleTargetRef": [
                            "apiVersion": "data.fluid.io/v1alpha1", "kind": "AlluxioRuntime", "name": "cache",
                        ],
                        "jobs": [["name": "down", "schedule": "0 0 8 * * *", "targetSize": 0] as [String: Any]],
                    ] as [String: Any],
                ]
                try await refusesBeside(.cronHPA, "CronHorizontalPodAutoscaler", scaler, place)
            }
        }

        @Test func `may change the flag for metrics`() async throws {
            try await inPlace { place in
                try place.register("crds", "monitoring")
                func tried(_ spec: [String: Any] = [:]) throws -> JSON {
                    try place.create(.runtime, runtime("cache", spec: spec), dryRun: true).json["spec"]
                }
                try await eventually("the proposal's flag is filled in") { try tried()["monitoring"].bool == true }
                #expect(try tried()["disablePrometheus"].isAbsent)
                #expect(try tried(["monitoring": false])["monitoring"].bool == false)
                // A runtime without metrics, in the proposal's words.
                expectAdmitted(try place.create(.runtime, runtime("dark", spec: ["monitoring": false])))
                let measured = hpa("dark", of: "dark", maximum: 3, spec: ["metrics": [capacityMetric(of: "dark")]])
                expectRefused(try place.create(.hpa, measured), "E204", "spec.monitoring: true")
                try place.register("crds")
                try await eventually("today's flag is filled in") { try tried()["disablePrometheus"].bool == false }
            }
        }

        @Test func `may lack the label selector, without which no HPA works`() async throws {
            try await inPlace { place in
                let path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/alluxioruntimes.data.fluid.io"
                let pointer = "/spec/versions/0/subresources/scale/labelSelectorPath"
                expectAdmitted(try place.create(.runtime, runtime("cache")))
                let removed = try place.api.send("PATCH", path, json([["op": "remove", "path": pointer]]), as: .patch)
                expectAdmitted(removed)
                let answer = try await eventually("that is known") {
                    let tried = try place.create(.hpa, hpa("cache", of: "cache", maximum: 3), dryRun: true)
                    return tried.succeeded ? nil : tried
                }
                expectRefused(answer, "E205 spec.scaleTargetRef", "labelSelectorPath")
                try place.register("crds")
                try await eventually("an HPA may come again") {
                    try place.create(.hpa, hpa("cache", of: "cache", maximum: 3), dryRun: true).succeeded
                }
            }
        }

        @Test func `may lack the AlluxioRuntime, which then comes`() async throws {
            try await inPlace { place in
                let path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/alluxioruntimes.data.fluid.io"
                let started = place.sluice.identifier
                #expect(try place.api.send("DELETE", path).succeeded)
                try await eventually("it is gone") { try place.api.send("GET", path).status == 404 }
                // What has nothing to do with it goes on, and an HPA for nothing is refused.
                let other = hpa("web", of: "web", maximum: 3, kind: "Deployment", group: "apps/v1")
                expectAdmitted(try place.create(.hpa, other))
                let orphan = try place.create(.hpa, hpa("cache", of: "cache", maximum: 3))
                expectRefused(orphan, "E207")
                // A Sluice that starts into such a cluster is ready too.
                try await place.world.sluice.restart()
                #expect(place.sluice.identifier != started)
                expectRefused(try place.create(.hpa, hpa("cache", of: "cache", maximum: 3)), "E207")
                try place.register("crds")
                try await eventually("runtimes are filled in, in today's flavour", withinSeconds: 60) {
                    try place.create(.runtime, runtime("cache"), dryRun: true).json["spec"]["disablePrometheus"].bool
                        == false
                }
                expectAdmitted(try place.create(.runtime, runtime("cache", replicas: 2, annotations: bounds(2, 4))))
                expectRefused(try place.scale(.runtime, "cache", to: 9), "E301")
            }
        }
    }
}
