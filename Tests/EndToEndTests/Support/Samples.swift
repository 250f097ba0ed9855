import Foundation

/// Objects for the review and the API server to agree on.
enum Samples {
    /// The runtimes and autoscalers of all manifests of this repository, in versions that the server has.
    static func files() throws -> [[String: Any]] {
        var objects: [[String: Any]] = []
        for folder in ["webhook-config/examples", "Tests/Demo/manifests", "Tests/SluiceTests/Fixtures/review"] {
            // What is no manifest is told on standard error.
            let outcome = try Command(
                words: [SluiceProcess.binary, "review", "-o", "json", Repository.path(folder)], limitSeconds: 60
            ).run()
            let files = try JSON(text: outcome.output)["objects"].array.compactMap { $0["file"].string }
            for file in Set(files).sorted() { objects += try written(file).filter(isServed) }
        }
        return objects
    }

    /// The objects of a file as kubectl would send them.
    private static func written(_ file: String) throws -> [[String: Any]] {
        let outcome = try Command(
            words: ["/usr/bin/python3", Repository.path("Tests/KubernetesTests/Fixtures/read-yaml.py")],
            input: String(decoding: try JSONSerialization.data(withJSONObject: documents(file)), as: UTF8.self)
        ).run()
        guard let results = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [[String: Any]] else {
            throw Trouble("\(file): \(outcome)")
        }
        return results.compactMap { $0["value"] as? [String: Any] }
    }

    private static func documents(_ file: String) throws -> [String] {
        let text = String(decoding: try Data(contentsOf: URL(filePath: file)), as: UTF8.self)
        return text.replacing("\u{FEFF}", with: "").components(separatedBy: "\n---\n")
    }

    private static func isServed(_ object: [String: Any]) -> Bool {
        switch object["kind"] as? String {
        case "AlluxioRuntime": object["metadata"] is [String: Any]
        case "HorizontalPodAutoscaler": KubernetesVersion.autoscaling.contains(version(of: object))
        default: false
        }
    }

    static func version(of object: [String: Any]) -> String {
        String((object["apiVersion"] as? String ?? "").split(separator: "/").last ?? "")
    }

    /// The object in this namespace; one without a name gets none.
    static func moved(_ object: [String: Any], to namespace: String) -> [String: Any] {
        var object = object
        guard var metadata = object["metadata"] as? [String: Any], metadata["namespace"] is String? else {
            return object
        }
        metadata["namespace"] = namespace
        object["metadata"] = metadata
        return object
    }

    // MARK: made

    /// Numbers that the same seed draws again.
    private struct Generator: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var word = state
            word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
            word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
            return word ^ (word >> 31)
        }
    }

    /// A plain scalar out of the pieces of numbers, times and words.
    static func scalar(seed: UInt64) -> String {
        var generator = Generator(state: seed)
        let pieces = [
            "0", "1", "7", "8", "9", "12", "0x", "0b", "0o", "x", "a", "F", "_", ".", "e", "E", "+", "-", "1e", "10943",
            "yes",
            "no", "y", "N", "on", "~", "2026-01-31", "12:30", "Gi", "inf", "00",
        ]
        return (0..<Int.random(in: 1...4, using: &generator)).map { _ in pieces.randomElement(using: &generator) ?? "" }
            .joined()
    }

    /// A sound runtime or autoscaler in which one or two values were changed.
    static func changed(seed: UInt64) -> [String: Any] {
        var generator = Generator(state: seed)
        var object =
            [whole, whole, scaler(KubernetesVersion.newestAutoscaling), simpleScaler]
            .randomElement(using: &generator) ?? whole
        let values: [Any] = [
            NSNull(), true, 0, 1, -1, 3, 3_000_000_000, 2.5, "", "a", "3", "2Gi", "2GB", "1Gi,2Gi", "MEM",
            "HostNetwork",
            [Any](), [String: Any](), ["a"], ["a": "b"], ["a": 1], "a b", "-", "A",
        ]
        for _ in 0..<Int.random(in: 1...2, using: &generator) {
            let paths = paths(of: object, from: []).filter { path in
                // Which kind of object it is, and checks that not every version of the API server has.
                path.count > 1
                    && !["namespace", "apiVersion", "tolerance", "containerResource"].contains { path.contains($0) }
            }
            guard let path = paths.randomElement(using: &generator), let value = values.randomElement(using: &generator)
            else { continue }
            object = set(path[...], in: object, to: value) as? [String: Any] ?? object
        }
        return object
    }

    private static func paths(of value: Any, from path: [String]) -> [[String]] {
        if let object = value as? [String: Any] {
            return object.keys.sorted().flatMap { [path + [$0]] + paths(of: object[$0] ?? NSNull(), from: path + [$0]) }
        }
        guard let list = value as? [Any] else { return [] }
        return list.indices.flatMap { [path + [String($0)]] + paths(of: list[$0], from: path + [String($0)]) }
    }

    private static func set(_ path: ArraySlice<String>, in value: Any, to new: Any) -> Any {
        guard let name = path.first else { return new }
        if var object = value as? [String: Any] {
            object[name] = set(path.dropFirst(), in: object[name] ?? NSNull(), to: new)
            return object
        }
        if var list = value as? [Any], let index = Int(name), list.indices.contains(index) {
            list[index] = set(path.dropFirst(), in: list[index], to: new)
            return list
        }
        return value
    }

    private static var component: [String: Any] {
        [
            "replicas": 1, "jvmOptions": ["-Xmx1g"], "properties": ["a.b": "c"], "ports": ["rpc": 1], "env": ["A": "b"],
            "nodeSelector": ["x": "y"], "networkMode": "HostNetwork", "imagePullSecrets": [["name": "s"]],
            "podMetadata": ["labels": ["a": "b"]],
            "volumeMounts": [["name": "v", "mountPath": "/x", "readOnly": true]],
            "resources": ["limits": ["cpu": "2", "memory": "1Gi"], "requests": ["cpu": 1]],
        ]
    }

    /// A runtime with most of what a runtime can have.
    private static var whole: [String: Any] {
        [
            "apiVersion": "data.fluid.io/v1alpha1", "kind": "AlluxioRuntime",
            "metadata": ["name": "cache", "labels": ["a/b": "c"], "annotations": ["sluice.dev/max-replicas": "5"]],
            "spec": [
                "replicas": 1, "disablePrometheus": false, "alluxioVersion": ["image": "i", "imageTag": "t"],
                "initUsers": ["image": "i", "env": ["a": "b"]], "master": component, "worker": component,
                "apiGateway": ["enabled": true], "properties": ["a.b.c": "d"], "jvmOptions": ["-X"],
                "fuse": [
                    "image": "i", "args": ["fuse"], "cleanPolicy": "OnDemand", "networkMode": "", "env": ["a": "b"],
                ],
                "tieredstore": [
                    "levels": [
                        [
                            "mediumtype": "MEM", "volumeType": "hostPath", "path": "/dev/shm", "quota": "2Gi",
                            "high": "0.9", "low": "0.7",
                        ],
                        [
                            "mediumtype": "SSD", "path": "/a,/b", "quotaList": "1Gi,2Gi",
                            "volumeSource": ["emptyDir": ["sizeLimit": "1Gi"]],
                        ],
                    ]
                ],
                "data": ["replicas": 1, "pin": true], "runAs": ["uid": 1, "gid": 2, "user": "u", "group": "g"],
                "hadoopConfig": "h", "podMetadata": ["labels": ["a": "b"]],
                "management": [
                    "cleanCachePolicy": ["gracePeriodSeconds": 60], "metadataSyncPolicy": ["autoSync": true],
                ],
                "volumes": [
                    ["name": "v", "hostPath": ["path": "/x"]],
                    ["name": "c", "configMap": ["name": "m", "items": [["key": "k", "path": "p"]]]],
                    ["name": "p", "persistentVolumeClaim": ["claimName": "x"]],
                    ["name": "n", "nfs": ["server": "s", "path": "/p"]],
                ],
            ],
        ]
    }

    private static func scaler(_ version: String) -> [String: Any] {
        hpa(
            "cache", of: "cache", version: version, minimum: 1, maximum: 4,
            spec: [
                "metrics": [
                    capacityMetric(of: "cache"),
                    [
                        "type": "Resource",
                        "resource": ["name": "cpu", "target": ["type": "Utilization", "averageUtilization": 70]],
                    ],
                    [
                        "type": "Pods",
                        "pods": ["metric": ["name": "m"], "target": ["type": "AverageValue", "averageValue": "1k"]],
                    ],
                    [
                        "type": "External",
                        "external": ["metric": ["name": "m"], "target": ["type": "Value", "value": 3]],
                    ],
                ],
                "behavior": [
                    "scaleUp": [
                        "stabilizationWindowSeconds": 0,
                        "policies": [["type": "Pods", "value": 4, "periodSeconds": 15]],
                    ],
                    "scaleDown": [
                        "selectPolicy": "Max", "policies": [["type": "Percent", "value": 10, "periodSeconds": 60]],
                    ],
                ],
            ])
    }

    private static var simpleScaler: [String: Any] {
        hpa("cache", of: "cache", version: "v1", minimum: 1, maximum: 4, spec: ["targetCPUUtilizationPercentage": 70])
    }
}
