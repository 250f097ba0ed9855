import Foundation
import Kubernetes
import Testing
import Wire

@testable import sluice

@Suite struct `What is compiled in` {
    @Test(arguments: [
        ("alluxioruntimes.yaml", CRDFlavour.disablePrometheus),
        ("alluxioruntimes-monitoring.yaml", CRDFlavour.monitoring),
    ])
    func `is the definition that is installed`(name: String, flavour: CRDFlavour) throws {
        let bytes = try FileReading.bytes(repository.appending(path: "webhook-config/crds/\(name)").path)
        let compiled =
            flavour == .monitoring
            ? PackageResources.alluxioruntimes_monitoring_yaml : PackageResources.alluxioruntimes_yaml
        #expect(bytes == compiled)
        // Every keyword, every pattern and every format in it is known, or this throws.
        let schemas = try KnownSchemas.read(definition: bytes, kinds: PackageResources.kinds_yaml)
        #expect(schemas.definition.keepsUnknownFields == (flavour == .monitoring))
        #expect(schemas.definition.scale?.labelSelectorPath == ".status.selector")
        #expect(schemas.runtime.properties["tieredstore"] != nil)
        #expect((schemas.runtime.properties["monitoring"] != nil) == (flavour == .monitoring))
        #expect(Set(schemas.autoscalers.keys) == ["v1", "v2beta1", "v2beta2", "v2"])
    }

    @Test func `is not taken with a keyword that nobody here knows`() throws {
        for (word, other) in [
            ("minLength: 1", "maxLength: 1"), ("[eE][+-]?", "[eE][-+]?"), ("format: int64", "format: uuid"),
        ] {
            let text = String(decoding: PackageResources.alluxioruntimes_yaml, as: UTF8.self)
            #expect(text.contains(word))
            let changed = Array(text.replacing(word, with: other).utf8)
            #expect(throws: SchemaError.self, "\(other)") {
                try KnownSchemas.read(definition: changed, kinds: PackageResources.kinds_yaml)
            }
        }
    }

    @Test func `drops what it does not name, and nothing else`() {
        let spec: JSON = [
            "monitoring": true, "replicas": 1, "properties": ["any": "thing"], "fuse": ["global": true, "args": []],
            "tieredstore": ["levels": [["mediumtype": "MEM", "storageType": 1], 7]],
        ]
        let pruned: JSON = [
            "replicas": 1, "properties": ["any": "thing"], "fuse": ["args": []],
            "tieredstore": ["levels": [["mediumtype": "MEM"], 7]],
        ]
        #expect(KnownSchemas(.disablePrometheus).runtime.pruned(spec) == pruned)
        #expect(KnownSchemas(.monitoring).runtime.pruned(spec) == spec)
    }
}
