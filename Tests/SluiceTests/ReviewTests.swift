import Controller
import Foundation
import Kubernetes
import Rules
import Testing
import Wire

@testable import sluice

@Suite struct `A review of files` {
    let examples = repository.appending(path: "webhook-config/examples").path

    func review(_ paths: [String], _ options: ReviewOptions = ReviewOptions()) -> (ReviewOutput, [String]) {
        var reader = ManifestReader()
        for path in paths { reader.read(path) }
        return (ReviewOutput(Reviewer(options).review(reader.manifests)), reader.problems)
    }

    func review(text: String, name: String = "a.yaml", _ options: ReviewOptions = ReviewOptions()) throws
        -> ReviewOutput
    {
        let folder = try ScratchFolder()
        let (output, problems) = review([try folder.write(name, text)], options)
        #expect(problems == [])
        return output
    }

    func codes(_ object: ReviewedObject) -> [String] { object.findings.map(\.code.rawValue) }

    @Test func `shows the proposal's runtime as each flavour admits it`() throws {
        let (today, _) = review(["\(examples)/hbase-proposal.yaml"])
        let runtime = try #require(today.objects.last)
        #expect(codes(runtime) == ["W105"])
        #expect(runtime.line(of: try #require(runtime.findings.first)) == 19)
        #expect(runtime.admitted["spec"]?["monitoring"] == nil)
        #expect(runtime.admitted["spec"]?["disablePrometheus"] == false)
        #expect(runtime.admitted["metadata"]?["annotations"]?["sluice.dev/max-replicas"] == "10")

        var options = ReviewOptions()
        options.flavour = .monitoring
        let (seed, _) = review(["\(examples)/hbase-proposal.yaml"], options)
        #expect(codes(try #require(seed.objects.last)) == [])
        #expect(seed.objects.last?.admitted["spec"]?["monitoring"] == true)
    }

    @Test func `has nothing to say of the example for today's Fluid`() throws {
        let (output, _) = review(["\(examples)/hbase.yaml", "\(examples)/hbase-hpa-v2.yaml"])
        #expect(output.objects.flatMap(codes) == [])
        #expect(output.objects.allSatisfy { !$0.isDenied })
    }

    @Test func `explains each value beside it, in text that is still YAML`() throws {
        let (output, _) = review(["\(examples)/defaults.yaml", "\(examples)/defaults-hpa.yaml"])
        let text = output.text(.text)
        #expect(text.contains("\n  replicas: 1  # D101 "))
        #expect(text.contains("\n  maxReplicas: 10  # D201 "))
        #expect(text.contains("\n    scaleDown:  # D204 "))
        #expect(text.hasSuffix("# 3 objects: 3 admitted, 0 denied; 9 values filled in, 0 warnings\n"))
        let documents = try YAMLReader.documents(Array(text.utf8)).map(\.json)
        #expect(documents == output.objects.map(\.admitted))
    }

    @Test func `writes manifests that a second review leaves as they are`() throws {
        let (first, _) = review([
            "\(examples)/defaults.yaml", "\(examples)/defaults-hpa.yaml", "\(examples)/bounded.yaml",
        ])
        let again = try review(text: first.text(.yaml))
        #expect(again.objects.flatMap(\.patches) == [])
        #expect(again.text(.yaml) == first.text(.yaml))
    }

    @Test func `lets an autoscaler know its runtime, whatever the order`() throws {
        let (output, _) = review(["\(examples)/defaults-hpa.yaml", "\(examples)/defaults.yaml"])
        #expect(output.objects.map(\.manifest.kind) == ["HorizontalPodAutoscaler", "Dataset", "AlluxioRuntime"])
        #expect(output.objects.first?.admitted["spec"]?["maxReplicas"] == 10)
        let (alone, _) = review(["\(examples)/defaults-hpa.yaml"])
        #expect(codes(try #require(alone.objects.first)) == ["W201"])
        var options = ReviewOptions()
        options.policy.missingTarget = .deny
        #expect(review(["\(examples)/defaults-hpa.yaml"], options).0.objects.first?.isDenied == true)
    }

    @Test func `refuses the second autoscaler of a runtime, and only that`() throws {
        let (output, _) = review([
            "\(examples)/hbase.yaml", "\(examples)/hbase-hpa.yaml", "\(examples)/hbase-hpa-v2.yaml",
        ])
        #expect(output.objects.map(\.isDenied) == [false, false, false, true])
        #expect(codes(try #require(output.objects.last)) == ["E201"])
        #expect(
            output.text(.text).contains("hbase-hpa-v2.yaml:3: HorizontalPodAutoscaler default/hbase: DENIED, 1 error\n")
        )
        #expect(!output.text(.yaml).contains("capacity_used_rate\n      target:\n        type: Value\n        value:"))
    }

    @Test func `names every error of a list in JSON by its own line`() throws {
        let list = """
            {"apiVersion": "v1", "kind": "List", "items": [
              {"apiVersion": "data.fluid.io/v1alpha1", "kind": "AlluxioRuntime",
               "metadata": {"name": "20-hbase", "namespace": "data"},
               "spec": {"replicas": 3,
                 "tieredstore": {"levels": [
                   {"mediumtype": "MEM", "path": "/dev/shm"}]}}}
            ]}
            """
        let output = try review(text: list, name: "list.json")
        let object = try #require(output.objects.first)
        #expect(object.title == "data/20-hbase")
        #expect(codes(object) == ["E101", "E107"])
        #expect(object.findings.map(object.line) == [3, 6])
        #expect(object.isDenied)
    }

    @Test func `converts an old autoscaler as the API server does`() throws {
        let text = """
            apiVersion: data.fluid.io/v1alpha1
            kind: AlluxioRuntime
            metadata: {name: hbase}
            spec: {replicas: 1}
            ---
            apiVersion: autoscaling/v1
            kind: HorizontalPodAutoscaler
            metadata: {name: hbase}
            spec:
              scaleTargetRef: {apiVersion: data.fluid.io/v1alpha1, kind: AlluxioRuntime, name: hbase}
              maxReplicas: 3
              targetCPUUtilizationPercentage: 50
            """
        let hpa = try #require(try review(text: text).objects.last)
        #expect(hpa.admitted["apiVersion"] == "autoscaling/v2")
        #expect(hpa.admitted["spec"]?["targetCPUUtilizationPercentage"] == nil)
        #expect(hpa.patches.map(\.code.rawValue) == ["D202", "D204"])
    }

    @Test func `gives patches that lead from what was written to what is admitted`() throws {
        let (output, _) = review([
            "\(examples)/defaults.yaml", "\(examples)/bounded.yaml", "\(examples)/defaults-hpa.yaml",
        ])
        for object in output.objects {
            #expect(apply(object.jsonPatch, to: object.manifest.written) == object.admitted, "\(object.title)")
        }
        let lines = output.text(.patch).split(separator: "\n")
        #expect(lines.count == output.objects.count)
    }

    /// Applies a JSON patch of `add` and `replace` strictly: a parent must be there.
    private func apply(_ patch: JSON, to value: JSON) -> JSON? {
        guard case .array(let operations) = patch else { return nil }
        var value = value
        for operation in operations {
            guard case .string(let path)? = operation["path"], let new = operation["value"] else { return nil }
            let tokens = path.split(separator: "/").map {
                String($0).replacing("~1", with: "/").replacing("~0", with: "~")
            }
            guard let changed = set(tokens[...], in: value, to: new) else { return nil }
            value = changed
        }
        return value
    }

    private func set(_ tokens: ArraySlice<String>, in value: JSON, to new: JSON) -> JSON? {
        guard case .object = value, let name = tokens.first else { return nil }
        var value = value
        if tokens.count == 1 {
            value[name] = new
        } else {
            guard let child = value[name], let changed = set(tokens.dropFirst(), in: child, to: new) else { return nil }
            value[name] = changed
        }
        return value
    }

    @Test func `says everything to programs`() throws {
        let (output, _) = review([
            "\(examples)/hbase-proposal.yaml", "\(examples)/hbase-hpa.yaml", "\(examples)/hbase-hpa-v2.yaml",
        ])
        var parser = JSONParser()
        let document = try parser.parse(Array(output.text(.json).utf8).span)
        #expect(document["denied"]?.int64 == 1)
        let objects = Array(try #require(document["objects"]).elements)
        #expect(objects.map { $0["allowed"]?.bool } == [true, true, true, false])
        #expect(objects[1]["findings"]?.elements.map { $0 }.first?["line"]?.int64 == 19)
        #expect(objects[3]["admitted"] == nil)
    }

    @Test func `passes what is none of its business`() throws {
        let text = """
            apiVersion: autoscaling/v2
            kind: HorizontalPodAutoscaler
            metadata: {name: web}
            spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}, maxReplicas: 3}
            ---
            apiVersion: v1
            kind: ConfigMap
            metadata: {generateName: x-}
            data: {replicas: "none"}
            """
        let output = try review(text: text)
        #expect(output.objects.flatMap(\.findings) == [])
        #expect(output.objects.map(\.admitted) == output.objects.map(\.manifest.written))
        #expect(output.objects.last?.title == "default/x-*")
    }

    @Test func `counts autoscalers of other kinds`() throws {
        let text = """
            apiVersion: autoscaling/v2
            kind: HorizontalPodAutoscaler
            metadata: {name: hbase}
            spec: {scaleTargetRef: {apiVersion: data.fluid.io/v1alpha1, kind: AlluxioRuntime, name: hbase}, maxReplicas: 3}
            ---
            apiVersion: keda.sh/v1alpha1
            kind: ScaledObject
            metadata: {name: hbase}
            spec: {scaleTargetRef: {apiVersion: data.fluid.io/v1alpha1, kind: AlluxioRuntime, name: hbase}}
            """
        let output = try review(text: text)
        #expect(output.objects.map(\.isDenied) == [true, false])
        #expect(output.objects.map(codes) == [["E201", "W201"], ["W209", "W201"]])
    }

    @Test func `refuses an unknown version of AlluxioRuntime`() throws {
        let output = try review(text: "apiVersion: data.fluid.io/v1alpha2\nkind: AlluxioRuntime\nmetadata: {name: a}\n")
        #expect(codes(try #require(output.objects.first)) == ["E002"])
    }
}

@Suite struct `Reading manifests` {
    func read(_ operands: [String]) -> ManifestReader {
        var reader = ManifestReader()
        for operand in operands { reader.read(operand) }
        return reader
    }

    @Test func `goes through folders in order, and leaves out what is no manifest`() throws {
        let folder = try ScratchFolder()
        let object = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n"
        for name in ["b.yaml", "a/c.yml", "a/d.json", ".git/e.yaml", "f.txt"] {
            _ = try folder.write(name, name.hasSuffix("json") ? "{\"apiVersion\":\"v1\",\"kind\":\"X\"}" : object)
        }
        _ = try folder.write("values.yaml", "replicas: 3\n")
        _ = try folder.write("empty.yaml", "# nothing\n---\n")
        _ = try folder.write("kustomization.yaml", "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n")
        let reader = read([folder.path + "/"])
        #expect(reader.problems == [])
        #expect(reader.manifests.map { $0.path.dropFirst(folder.path.count) } == ["/a/c.yml", "/a/d.json", "/b.yaml"])
    }

    @Test func `tells what can't be read, with its line`() throws {
        let folder = try ScratchFolder()
        let broken = try folder.write("broken.yaml", "a: 1\nb: [\n")
        let bare = try folder.write("bare.yaml", "\nreplicas: 3\n")
        let empty = try folder.write("empty.yaml", "")
        let reader = read([broken, bare, empty, "\(folder.path)/none.yaml"])
        #expect(reader.problems.count == 4)
        #expect(reader.problems.first?.hasPrefix("\(broken):3: ") == true)
        #expect(reader.problems[1] == "\(bare):2: no Kubernetes object: it needs apiVersion and kind")
        #expect(reader.problems[3] == "\(folder.path)/none.yaml: No such file or directory")
        #expect(read([try ScratchFolder().path]).problems.count == 1)
    }

    @Test func `takes field paths apart`() {
        #expect(FieldPath.tokens("spec.metrics[0].object") == ["spec", "metrics", "0", "object"])
        #expect(
            FieldPath.tokens("metadata.annotations[sluice.dev/paused]") == [
                "metadata", "annotations", "sluice.dev/paused",
            ])
        #expect(FieldPath.tokens("") == [])
        #expect(FieldPath.tokens("]a[b") == ["]a", "b"])
    }
}

@Suite struct `The shape of AlluxioRuntime` {
    /// The fields that a CRD's schema names, as a shape.
    func shape(_ schema: JSON) -> RuntimeShape {
        if case .object(let fields)? = schema["properties"] {
            return .object(Dictionary(uniqueKeysWithValues: fields.map { ($0.name, shape($0.value)) }))
        }
        if let items = schema["items"], items["properties"] != nil, items["x-kubernetes-preserve-unknown-fields"] == nil
        {
            return .list(shape(items))
        }
        return .anything
    }

    func definition(_ name: String) throws -> JSON {
        let bytes = try FileReading.bytes(repository.appending(path: "webhook-config/crds/\(name)").path)
        return try #require(try YAMLReader.documents(bytes).first?.json)
    }

    @Test func `is that of our own definition`() throws {
        let crd = try definition("alluxioruntimes.yaml")
        guard case .array(let versions)? = crd["spec"]?["versions"] else { throw UsageError(message: "no versions") }
        let spec = try #require(versions.first?["schema"]?["openAPIV3Schema"]?["properties"]?["spec"])
        #expect(shape(spec) == .object(RuntimeShape.spec))
    }

    @Test(arguments: [
        ("alluxioruntimes.yaml", CRDFlavour.disablePrometheus),
        ("alluxioruntimes-monitoring.yaml", CRDFlavour.monitoring),
    ])
    func `gives the definition that a cluster with our own would have`(
        name: String, flavour: CRDFlavour
    ) throws {
        var parser = JSONParser()
        let read = try RuntimeDefinition(try parser.parse(try definition(name).encoded().span))
        let assumed = RuntimeShape.definition(flavour)
        #expect(read.specFields == assumed.specFields)
        #expect(read.fuseFields == assumed.fuseFields)
        #expect(read.tierFields == assumed.tierFields)
        #expect(read.keepsUnknownFields == assumed.keepsUnknownFields)
        #expect(read.scale == assumed.scale)
    }

    @Test func `prunes what it does not name, and nothing else`() {
        let runtime: JSON = [
            "kind": "AlluxioRuntime",
            "spec": [
                "monitoring": true, "replicas": 1, "properties": ["any": "thing"],
                "fuse": ["global": true, "args": []],
                "tieredstore": ["levels": [["mediumtype": "MEM", "storageType": 1], 7]],
            ],
        ]
        let pruned: JSON = [
            "kind": "AlluxioRuntime",
            "spec": [
                "replicas": 1, "properties": ["any": "thing"], "fuse": ["args": []],
                "tieredstore": ["levels": [["mediumtype": "MEM"], 7]],
            ],
        ]
        #expect(RuntimeShape.pruned(runtime, flavour: .disablePrometheus) == pruned)
        #expect(RuntimeShape.pruned(runtime, flavour: .monitoring) == runtime)
    }
}
