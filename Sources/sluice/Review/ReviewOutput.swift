internal import Controller
internal import Kubernetes
internal import Rules
internal import Wire

/// The outputs of `sluice review`.
struct ReviewOutput {
    let objects: [ReviewedObject]

    init(_ objects: [ReviewedObject]) {
        self.objects = objects
    }

    /// The whole of standard output.
    func text(_ output: ReviewOptions.Output) -> String {
        switch output {
        case .text: annotated
        case .yaml: objects.filter { !$0.isDenied }.map { YAMLWriter.encode($0.admitted) }.joined(separator: "---\n")
        case .patch: objects.map { line(patch($0)) }.joined()
        case .json: line(document)
        }
    }

    /// Every remark with its place, as compilers write it.
    var remarks: [String] { objects.flatMap(remarks) }

    private func remarks(_ object: ReviewedObject) -> [String] {
        object.remarks.map { remark in
            "\(object.manifest.place(line: line(of: remark, in: object))): \(remark.denies ? "error" : "warning"): \(remark.text)"
        }
    }

    private func line(of remark: Remark, in object: ReviewedObject) -> Int? {
        remark.line ?? object.manifest.line(of: remark.field)
    }

    private func line(_ value: JSON) -> String { String(decoding: value.encoded(), as: UTF8.self) + "\n" }
}

extension ReviewOutput {
    /// The manifests with what happened to them as comments: still YAML.
    private var annotated: String {
        var text = ""
        for (index, object) in objects.enumerated() {
            if index > 0 { text += "---\n" }
            text += "# \(object.manifest.place): \(OneLine.text(object.manifest.kind)) \(object.title): "
            text += summary(object) + "\n"
            for remark in remarks(object) { text += "# \(remark)\n" }
            if !object.isDenied { text += manifest(object) }
        }
        let denied = objects.count(where: \.isDenied)
        let unjudged = objects.count { !$0.isDenied && !$0.isJudged }
        text += "# \(count(objects.count, "object")): \(objects.count - denied - unjudged) admitted, \(denied) denied"
        text += (unjudged == 0 ? "" : ", \(unjudged) not judged") + "; "
        text += "\(count(objects.reduce(0) { $0 + $1.patches.count }, "value")) filled in, "
        text += "\(count(objects.reduce(0) { $0 + $1.warnings.count }, "warning"))\n"
        return text
    }

    private func summary(_ object: ReviewedObject) -> String {
        if object.isDenied { return "DENIED, \(count(object.remarks.count(where: \.denies), "error"))" }
        var parts = [object.isJudged ? "admitted" : "not judged: no rule is about it"]
        if !object.patches.isEmpty { parts.append("\(count(object.patches.count, "value")) filled in") }
        if !object.warnings.isEmpty { parts.append(count(object.warnings.count, "warning")) }
        return parts.joined(separator: ", ")
    }

    private func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }

    /// The object as YAML, with the reason behind each line that was filled in.
    private func manifest(_ object: ReviewedObject) -> String {
        let yaml = YAMLWriter.encode(object.admitted)
        // Our own text can be read; if it ever can't, it is shown without remarks.
        guard !object.patches.isEmpty, let root = try? YAMLReader.documents(Array(yaml.utf8)).first else { return yaml }
        var lines = yaml.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        for patch in object.patches {
            let index = root.line(at: patch.path) - 1
            guard lines.indices.contains(index) else { continue }
            lines[index] += "  # \(patch.code.rawValue) \(OneLine.text(patch.reason))"
        }
        return lines.joined(separator: "\n")
    }
}

extension ReviewOutput {
    private func patch(_ object: ReviewedObject) -> JSON {
        .object(identity(object) + [.init("allowed", .bool(!object.isDenied)), .init("patch", object.jsonPatch)])
    }

    private func identity(_ object: ReviewedObject) -> [JSON.Member] {
        [
            .init("file", .string(object.manifest.path)), .init("line", number(object.manifest.node?.line)),
            .init("apiVersion", .string(object.manifest.apiVersion)), .init("kind", .string(object.manifest.kind)),
            .init("namespace", .string(object.namespace)), .init("name", .string(object.manifest.name)),
        ]
    }

    private func number(_ line: Int?) -> JSON { line.map { .integer(Int64($0)) } ?? .null }

    /// Everything: one document, whose shape is documented by the README's example.
    private var document: JSON {
        [
            "objects": .array(objects.map(entry)),
            "denied": .integer(Int64(objects.count(where: \.isDenied))),
            "warnings": .integer(Int64(objects.reduce(0) { $0 + $1.warnings.count })),
        ]
    }

    private func entry(_ object: ReviewedObject) -> JSON {
        var members =
            identity(object)
            + [.init("allowed", .bool(!object.isDenied)), .init("judged", .bool(object.isJudged))]
        members.append(.init("findings", .array(object.remarks.map { finding(object, $0) })))
        members.append(.init("filledIn", .array(object.patches.map(filledIn))))
        members.append(.init("patch", object.jsonPatch))
        if !object.isDenied { members.append(.init("admitted", object.admitted)) }
        return .object(members)
    }

    private func finding(_ object: ReviewedObject, _ remark: Remark) -> JSON {
        [
            "code": .string(remark.code), "kind": .string(remark.denies ? "deny" : "warn"),
            "field": .string(remark.field), "line": number(line(of: remark, in: object)),
            "message": .string(remark.message), "remedy": .string(remark.remedy),
        ]
    }

    private func filledIn(_ patch: Patch) -> JSON {
        [
            "code": .string(patch.code.rawValue), "path": .string(patch.pointer), "value": JSON(patch.value),
            "reason": .string(patch.reason),
        ]
    }
}
