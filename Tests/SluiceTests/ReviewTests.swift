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
        reader.read(paths)
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

    func codes(_ object: ReviewedObject) -> [String] { object.remarks.map(\.code) }

    @Test func `shows the proposal's runtime as each flavour admits it`() throws {
        let (today, _) = review(["\(examples)/hbase-proposal.yaml"])
        let runtime = try #require(today.objects.last)
        #expect(codes(runtime) == ["W105"])
        #expect(runtime.manifest.line(of: try #require(runtime.remarks.first).field) == 19)
        // It stays in what is shown, though the API server drops it: nobody's file is cut.
        #expect(runtime.admitted["spec"]?["monitoring"] == true)
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
        // Nobody fills in what the API server then misses.
        let missing = try #require(alone.objects.first)
        #expect(codes(missing).contains("W201") && missing.remarks.first?.field == "spec.maxReplicas")
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
        #expect(object.remarks.map { object.manifest.line(of: $0.field) } == [3, 6])
        #expect(object.isDenied)
    }

    @Test func `judges an old autoscaler as converted, and leaves it in its version`() throws {
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
            """
        for (percentage, filledIn) in [
            ("", ["D202", "D203", "D204"]), ("\n  targetCPUUtilizationPercentage: 50", ["D202", "D204"]),
        ] {
            let hpa = try #require(try review(text: text + percentage).objects.last)
            #expect(hpa.admitted["apiVersion"] == "autoscaling/v1")
            #expect(hpa.patches.map(\.code.rawValue) == filledIn)
            #expect(hpa.admitted["spec"]?["metrics"] == nil)
            #expect(hpa.admitted["spec"]?["behavior"] == nil)
            // Read again, what is in the annotations counts as written.
            let again = try #require(
                try review(text: text.prefix(while: { $0 != "-" }) + "---\n" + YAMLWriter.encode(hpa.admitted)).objects
                    .last)
            #expect(again.patches == [])
            #expect(again.remarks == [])
        }
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
        #expect(output.objects.flatMap(\.remarks) == [])
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
        reader.read(operands)
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

@Suite struct `Folders` {
    let runtime = "apiVersion: data.fluid.io/v1alpha1\nkind: AlluxioRuntime\nmetadata: {name: a}\nspec: {replicas: 2}\n"

    func read(_ operands: [String], each: Bool = false) -> ManifestReader {
        var reader = ManifestReader()
        reader.read(operands, each: each)
        return reader
    }

    @Test func `with a FIFO or a link to themselves come to an end`() throws {
        let folder = try ScratchFolder()
        _ = try folder.write("a/x.yaml", runtime)
        unsafe #expect(mkfifo("\(folder.path)/a/f.yaml", 0o600) == 0)
        unsafe #expect(symlink(".", "\(folder.path)/a/self") == 0)
        unsafe #expect(symlink("x.yaml", "\(folder.path)/a/y.yaml") == 0)
        let reader = read([folder.path])
        #expect(reader.problems == [])
        #expect(reader.notes == ["\(folder.path)/a/f.yaml: left out, it is no file"])
        #expect(reader.manifests.map { $0.path.dropFirst(folder.path.count) } == ["/a/x.yaml", "/a/y.yaml"])
    }

    @Test func `for each environment are judged each by itself, if that is said`() throws {
        let folder = try ScratchFolder()
        for name in ["prod/a.yaml", "stage/a.yaml", "b.yaml"] { _ = try folder.write(name, runtime) }
        let together = Reviewer(ReviewOptions()).review(read([folder.path]).manifests)
        #expect(together.map { $0.remarks.map(\.code) } == [[], ["kubectl"], ["kubectl"]])
        for operands in [[folder.path], ["\(folder.path)/b.yaml", "\(folder.path)/prod", "\(folder.path)/stage"]] {
            let apart = Reviewer(ReviewOptions()).review(read(operands, each: true).manifests)
            #expect(apart.map { $0.remarks.map(\.code) } == [[], [], []])
        }
    }

    @Test func `of kustomize and Helm are told how to be rendered`() throws {
        let folder = try ScratchFolder()
        _ = try folder.write("chart/Chart.yaml", "name: x\n")
        _ = try folder.write("chart/templates/a.yaml", "name: {{ .Values.name }}\n")
        _ = try folder.write("over/kustomization.yaml", "resources: [../base]\npatches: [{path: ./patch.yaml}]\n")
        _ = try folder.write("over/patch.yaml", runtime)
        _ = try folder.write("over/own.yaml", runtime)
        let reader = read([folder.path])
        #expect(reader.problems == [])
        #expect(reader.manifests.map { $0.path.dropFirst(folder.path.count) } == ["/over/own.yaml"])
        #expect(reader.notes.count == 2)
        #expect(reader.notes.first?.hasSuffix("helm template \(folder.path)/chart | sluice review -") == true)
        #expect(
            reader.notes.last?.hasSuffix(
                "its patches are left out; what it makes is reviewed by: kubectl kustomize "
                    + "\(folder.path)/over | sluice review -") == true)
        let alone = read(["\(folder.path)/chart/templates/a.yaml"])
        #expect(alone.problems.first?.hasSuffix("helm template \(folder.path)/chart | sluice review -") == true)
    }
}
