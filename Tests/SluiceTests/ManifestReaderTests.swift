import Foundation
import Kubernetes
import Testing
import Wire

@testable import sluice

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
        unsafe #expect(symlink("none", "\(folder.path)/a/z.yaml") == 0)
        let reader = read([folder.path])
        #expect(reader.problems == ["\(folder.path)/a/z.yaml: a link to nothing, or its name is no UTF-8"])
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
