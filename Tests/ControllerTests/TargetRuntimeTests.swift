import Kubernetes
import Testing
import Wire

@testable import Controller
@testable import Rules

@Suite struct `A runtime in the store` {
    /// The mark of D103 stays when somebody adds a maximum to a manifest and applies it: what was applied is a person's.
    @Test(
        arguments: [
            (nil, true), ("{\"metadata\":{\"annotations\":{\"sluice.dev/max-replicas\":\"5\"}}}", false),
            ("{\"metadata\":{\"annotations\":{\"sluice.dev/max-replicas-too\":\"5\"}}}", true), ("not JSON", true),
        ] as [(String?, Bool)])
    func `keeps whether a person applied its maximum, though not what was applied`(
        _ applied: String?, _ isFilledIn: Bool
    ) throws {
        var annotations: JSON = ["sluice.dev/max-replicas": "5", "sluice.dev/defaulted": "bounds"]
        if let applied { annotations["kubectl.kubernetes.io/last-applied-configuration"] = .string(applied) }
        var object = hbase
        object["metadata"] = ["name": "hbase", "namespace": "default", "annotations": annotations]
        var parser = JSONParser()
        let runtime = try AlluxioRuntime(parser.parse(object.encoded()), keeping: .ours)
        #expect(Set(runtime.meta.annotations.keys) == [Annotation.maxReplicas, Annotation.defaulted])
        let target = TargetRuntime(runtime, schema: RuntimeSchema())
        #expect(target.bounds == Bounds(maximum: 5, isMaximumFilledIn: isFilledIn))
    }
}
