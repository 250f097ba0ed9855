import Foundation
import Kubernetes
import Testing
import Wire

@testable import sluice

@Suite struct `What a review shows` {
    @Test func `explains each value beside it, in text that is still YAML`() throws {
        let (output, _) = review(["\(examples)/defaults.yaml", "\(examples)/defaults-hpa.yaml"])
        let text = output.text(.text)
        #expect(text.contains("\n  replicas: 1  # D101 "))
        #expect(text.contains("\n  maxReplicas: 10  # D201 "))
        #expect(text.contains("\n    scaleDown:  # D204 "))
        #expect(text.hasSuffix("# 3 objects: 2 admitted, 0 denied, 1 not judged; 9 values filled in, 0 warnings\n"))
        let documents = try YAMLReader.documents(Array(text.utf8)).map(\.json)
        #expect(documents == output.objects.map(\.admitted))
    }

    @Test func `says of what no rule is about that it is not judged`() throws {
        let workload = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\n"
        let output = try review(
            text: workload + "---\napiVersion: data.fluid.io/v1alpha1\nkind: AlluxioRuntime\nmetadata: {name: a}\n")
        let text = output.text(.text)
        #expect(text.contains(": Deployment default/web: not judged: no rule is about it\n"))
        #expect(text.contains(": AlluxioRuntime default/a: admitted, "))
        #expect(text.contains("# 2 objects: 1 admitted, 0 denied, 1 not judged; "))
        var parser = JSONParser()
        let document = try parser.parse(Array(output.text(.json).utf8).span)
        #expect(document["objects"]?.elements.map { $0["judged"]?.bool } == [false, true])
    }

    @Test func `is short, however much there is to say`() throws {
        let name = String(repeating: "n", count: 20_000)
        let runtime =
            "apiVersion: data.fluid.io/v1alpha1\nkind: AlluxioRuntime\nmetadata:\n  name: a\n  labels:\n"
            + (0..<500).map { "    sluice.dev/x\($0): y\n" }.joined() + "spec:\n"
            + (0..<500).map { "  unknown\($0): 1\n" }.joined()
        let metric =
            "  - {type: Object, object: {metric: {name: m}, describedObject: {apiVersion: data.fluid.io/v1alpha1, kind: Dataset, "
            + "name: other}, target: {type: Value, value: 1}}}\n"
        let autoscaler =
            "---\napiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: h}\nspec:\n"
            + "  scaleTargetRef: {apiVersion: data.fluid.io/v1alpha1, kind: AlluxioRuntime, name: \(name)}\n"
            + "  maxReplicas: 3\n  metrics:\n" + String(repeating: metric, count: 500)
        let output = try review(text: runtime + autoscaler)
        for object in output.objects {
            #expect(object.remarks.count <= ReviewedObject.remarksMax + 1)
            #expect(object.remarks.last?.message.hasSuffix(" more of the kind are not told") == true)
            #expect(object.remarks.allSatisfy { $0.text.utf8.count <= 5_000 })
        }
    }

    @Test func `says that not all unknown fields are told, whatever the others are`() throws {
        let head = "apiVersion: data.fluid.io/v1alpha1\nkind: AlluxioRuntime\nmetadata:\n  name: a\n"
        func told(_ count: Int) throws -> [Remark] {
            let fields = (0..<count).map { "unknown\($0): 1\n" }.joined()
            return try review(text: head + fields).objects[0].remarks.filter {
                $0.message.contains("only the first 50")
            }
        }
        #expect(try told(49).isEmpty)
        #expect(try told(60).count == 1)
    }

    @Test func `writes manifests that a second review leaves as they are`() throws {
        let (first, _) = review([
            "\(examples)/defaults.yaml", "\(examples)/defaults-hpa.yaml", "\(examples)/bounded.yaml",
        ])
        let again = try review(text: first.text(.yaml))
        #expect(again.objects.flatMap(\.patches) == [])
        #expect(again.text(.yaml) == first.text(.yaml))
        #expect(first.text(.patch).split(separator: "\n").count == first.objects.count)
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
}

@Suite(.enabled(if: PatchApplier.python != nil || ProcessInfo.processInfo.environment["SLUICE_SKIP"] == "fail"))
struct `A patch, applied by somebody else` {
    @Test func `gives what -o yaml shows`() throws {
        var reader = ManifestReader()
        reader.read([
            repository.appending(path: "webhook-config/examples").path,
            repository.appending(path: "Tests/SluiceTests/Fixtures/review").path,
        ])
        var texts = [
            "spec: {replicas: null}", "metadata: {name: b, annotations: null}", "spec: null", "spec: {replicas: 2}",
        ]
        .map {
            "apiVersion: data.fluid.io/v1alpha1\nkind: AlluxioRuntime\n\($0.hasPrefix("spec") ? "metadata: {name: a}\n" : "")\($0)\n"
        }
        for version in ["v1", "v2beta1", "v2beta2", "v2"] {
            let target = "{apiVersion: data.fluid.io/v1alpha1, kind: AlluxioRuntime, name: a}"
            for more in ["", ", behavior: {}", ", behavior: null", ", metrics: []"] {
                texts.append(
                    "apiVersion: autoscaling/\(version)\nkind: HorizontalPodAutoscaler\nmetadata: {name: h}\n"
                        + "spec: {scaleTargetRef: \(target), maxReplicas: 3\(more)}\n")
            }
        }
        var objects = Reviewer(ReviewOptions()).review(reader.manifests)
        let folder = try ScratchFolder()
        for (index, text) in texts.enumerated() {
            var reader = ManifestReader()
            reader.read([try folder.write("\(index).yaml", text)])
            objects += Reviewer(ReviewOptions()).review(reader.manifests)
        }
        let input = JSON.array(objects.map { ["object": $0.manifest.written, "patch": $0.jsonPatch] })
        let results = try PatchApplier.apply(input)
        #expect(results.elements.count == objects.count)
        for (result, object) in zip(results.elements, objects) {
            #expect(result.isEquivalent(to: object.admitted), "\(object.manifest.place): \(object.jsonPatch)")
        }
        #expect(objects.count(where: { !$0.patches.isEmpty }) > 20)
    }
}

/// Applies JSON patches with python3-jsonpatch.
enum PatchApplier {
    static let python: String? = ["/usr/bin/python3"].first { path in
        (try? run(path, "import jsonpatch", input: Data()))?.status == 0
    }

    static func apply(_ input: JSON) throws -> JSON {
        let script = """
            import json, sys, jsonpatch
            json.dump([jsonpatch.apply_patch(x["object"], x["patch"]) for x in json.load(sys.stdin)], sys.stdout)
            """
        guard let python else { throw UsageError(message: "python3-jsonpatch is missing") }
        let (status, output) = try run(python, script, input: Data(input.encoded()))
        guard status == 0 else { throw UsageError(message: "the patches can't be applied") }
        var parser = JSONParser()
        return JSON(try parser.parse(Array(output)))
    }

    private static func run(_ program: String, _ script: String, input: Data) throws -> (status: Int32, output: Data) {
        let folder = try ScratchFolder()
        let source = try folder.write("in", String(decoding: input, as: UTF8.self))
        let target = try folder.write("out", "")
        let process = Process()
        process.executableURL = URL(filePath: program)
        process.arguments = ["-c", script]
        process.standardInput = try FileHandle(forReadingFrom: URL(filePath: source))
        process.standardOutput = try FileHandle(forWritingTo: URL(filePath: target))
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        return (process.terminationStatus, try Data(contentsOf: URL(filePath: target)))
    }
}
