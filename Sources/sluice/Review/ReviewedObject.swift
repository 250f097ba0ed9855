internal import Controller
internal import Kubernetes
internal import Rules
internal import Wire

/// What became of one object of a review.
struct ReviewedObject: Sendable {
    let manifest: Manifest
    /// The namespace that it would go to.
    let namespace: String
    /// What would be filled in, without the parents that are made on the way, in the version that it was written in.
    let patches: [Patch]
    /// The same as a JSON patch of the object as it was written.
    let jsonPatch: JSON
    /// Refusals first, then warnings.
    let remarks: [Remark]
    /// The object as it was written, with the patch.
    let admitted: JSON
    /// Whether any rule of the webhooks is about it.
    let isJudged: Bool

    /// The most remarks on one object that are told.
    static let remarksMax = 100

    init(
        _ manifest: Manifest, namespace: String, patches all: [Patch] = [], remarks: [Remark], isJudged: Bool = false
    ) {
        self.manifest = manifest
        self.namespace = namespace
        self.isJudged = isJudged
        let sorted = remarks.filter(\.denies) + remarks.filter { !$0.denies }
        let more = sorted.dropFirst(Self.remarksMax)
        self.remarks =
            sorted.prefix(Self.remarksMax)
            + (more.isEmpty
                ? []
                : [Remark(.review, denies: false, "", "\(more.count) more of the kind are not told", remedy: "")])
        // What is refused is not stored, with the patch or without.
        let steps = remarks.contains(where: \.denies) ? [] : PatchSteps(all, on: manifest.written).steps
        patches = steps.filter { step in
            !(step.value == .object([])
                && steps.contains { $0.path.count > step.path.count && $0.path.starts(with: step.path) })
        }
        jsonPatch = .array(
            steps.map { ["op": .string($0.operation.rawValue), "path": .string($0.pointer), "value": JSON($0.value)] })
        admitted = manifest.written.applying(steps)
    }

    var isDenied: Bool { remarks.contains(where: \.denies) }
    var warnings: [Remark] { remarks.filter { !$0.denies } }

    /// Namespace and name, for people.
    var title: String {
        let name = manifest.name.isEmpty ? manifest.generateName + "*" : manifest.name
        return OneLine.text("\(namespace)/\(name)")
    }
}

/// The patches of the rules as operations on an object as it was written: in its own version, parents first.
private struct PatchSteps {
    private(set) var steps: [Patch] = []
    private var object: JSON

    init(_ patches: [Patch], on written: JSON) {
        object = written
        let version = AutoscalerConversion.version(of: written) ?? ""
        for patch in patches {
            guard let older = AutoscalerConversion.older(patch.path, JSON(patch.value), version: version) else {
                // In an older version the parents of what goes elsewhere are not needed.
                let isBehavior = patch.path == ["spec", "behavior"]
                if !isBehavior || version.isEmpty || version.hasPrefix("v2") && version != "v2beta1" { add(patch) }
                continue
            }
            add(
                Patch(
                    .add, older.path, PatchValue(older.value), code: patch.code, reason: patch.reason))
        }
    }

    /// Adds an operation, and before it one for each parent that is not there.
    private mutating func add(_ patch: Patch) {
        var parent: [String] = []
        for name in patch.path.dropLast() {
            parent.append(name)
            guard case .object? = value(at: parent) else {
                let isThere = value(at: parent) != nil
                take(
                    Patch(
                        isThere ? .replace : .add, parent, .object([]), code: patch.code,
                        reason: "made for what follows"))
                continue
            }
        }
        take(patch)
    }

    private mutating func take(_ patch: Patch) {
        // A parent that was made already, or is there, must not be made again.
        if patch.value == .object([]), case .object? = value(at: patch.path) { return }
        var patch = patch
        patch.operation = value(at: patch.path) == nil ? .add : .replace
        object = object.applying([patch])
        steps.append(patch)
    }

    private func value(at path: [String]) -> JSON? {
        path.reduce(Optional(object)) { $0?[$1] }
    }
}

extension PatchValue {
    /// The tree as a value of a patch; what a patch never holds, such as null, becomes its text.
    fileprivate init(_ value: JSON) {
        self =
            switch value {
            case .string(let text): .string(text)
            case .integer(let number): .integer(number)
            case .bool(let truth): .bool(truth)
            case .array(let elements): .array(elements.map(PatchValue.init))
            case .object(let members): .object(members.map { Member($0.name, PatchValue($0.value)) })
            case .null, .double: .string(String(decoding: value.encoded(), as: UTF8.self))
            }
    }
}
