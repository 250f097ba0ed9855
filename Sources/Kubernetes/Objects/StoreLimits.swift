internal import Wire

/// How much of an object a store keeps: more than a sound one has.
///
/// What is longer can't be read, or is cut so that it can't be taken for anything else.
enum StoreLimits {
    /// Of a name: Kubernetes allows 253 bytes, and 317 with a prefix.
    static let nameBytes = 512
    /// Labels of one object, and entries of a selector.
    static let labels = 256
    /// Owners of one object; the first ones count.
    static let owners = 16
    /// Our own annotations of one object.
    static let annotations = 64
    /// Bytes of our own annotations of a runtime: the longest that a policy reads, and as much again as all others.
    static let annotationBytes = 80 << 10
    /// The same of a worker set, which has our record: as much as Kubernetes allows.
    static let workerSetAnnotationBytes = 256 << 10
    /// What is left of an annotation that there is no room for.
    static let cutAnnotationBytes = 1 << 10
    /// Of a text of the status.
    static let statusBytes = 1 << 10
    /// Fields of one part of a definition.
    static let definitionFields = 1_000
}

extension JSONValue {
    /// A name; empty if it is absent, and an error if it is longer than any.
    func name(_ name: StaticString, bytesMax: Int) throws(ObjectError) -> String {
        if let count = field(name)?.utf8Count, count > bytesMax {
            throw ObjectError(path: "\(name)", problem: "has \(count) bytes, the limit is \(bytesMax)")
        }
        return try optionalString(name) ?? ""
    }

    /// The annotations under `sluice.dev/`.
    ///
    /// One that there is no room for is cut, and ends in a NUL, so that what is left of it can't be read as another value.
    func ownAnnotations(bytesMax: Int) throws(ObjectError) -> [String: String] {
        var room = bytesMax
        var kept: [String: String] = [:]
        guard let annotations = field("annotations") else { return [:] }
        guard annotations.kind == .object else { throw ObjectError(path: "annotations", problem: "is not an object") }
        for member in annotations.members where member.hasPrefix("sluice.dev/") {
            guard kept.count < StoreLimits.annotations else { break }
            guard member.nameLength <= StoreLimits.nameBytes else { continue }
            guard let count = member.value.utf8Count else {
                throw ObjectError(path: "annotations[\(member.name)]", problem: "is not a string")
            }
            let isShort = count <= room
            room -= isShort ? count : 0
            kept[member.name] =
                isShort
                ? member.value.string
                : member.value.string(bytesMax: StoreLimits.cutAnnotationBytes).map { $0 + "\u{0}" }
        }
        return kept
    }
}
