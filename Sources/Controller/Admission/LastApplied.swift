public import Wire

/// What the user really wrote, as `kubectl apply` leaves it in an annotation.
///
/// The API server fills in defaults and prunes unknown fields before any webhook sees the object; client-side apply
/// keeps the original. Server-side apply and Helm do not: then there is nothing to be known.
public struct LastApplied {
    /// The annotation's name (kubectl's `pkg/apply`, `LastAppliedConfigAnnotation`).
    public static let annotation: StaticString = "kubectl.kubernetes.io/last-applied-configuration"
    /// The most bytes of it that are read: annotations together may have 256 KiB (Kubernetes' `TotalAnnotationSizeLimitB`).
    static let bytesMax = 256 << 10
    /// The most pruned fields that are told; an object has a few at most.
    static let prunedMax = 24
    /// The deepest path that is compared.
    private static let depthMax = 32

    /// The object as the user wrote it.
    public let root: JSONValue

    /// Reads the annotation of an object; nil where there is none, or where it is unreadable.
    public init?(of object: JSONValue, parsers: ParserPool) {
        guard let text = object.at("metadata", "annotations")?[Self.annotation]?.string,
            let root = try? parsers.withParser({ parser throws(JSONError) in
                // Unreadable is as good as absent: anybody may write anything into an annotation.
                try parser.parse(Array(text.utf8).span)
            }), root.kind == .object
        else { return nil }
        self.root = root
    }

    /// The paths below `spec` that were written and that the object lacks, the outermost only.
    func prunedPaths(in object: JSONValue) -> [String] {
        guard let written = root["spec"], let received = object["spec"] else { return [] }
        var paths: [String] = []
        Self.compare(written, received, path: "spec", depth: 0, into: &paths)
        return paths
    }

    private static func compare(
        _ written: JSONValue, _ received: JSONValue, path: String, depth: Int, into paths: inout [String]
    ) {
        guard depth < depthMax, paths.count < prunedMax else { return }
        switch (written.kind, received.kind) {
        case (.object, .object):
            for member in written.members where !member.value.isNull && paths.count < prunedMax {
                let path = "\(path).\(member.name)"
                if let same = received[name: member.name] {
                    compare(member.value, same, path: path, depth: depth + 1, into: &paths)
                } else {
                    paths.append(path)
                }
            }
        case (.array, .array) where written.count == received.count:
            for (index, pair) in zip(written.elements, received.elements).enumerated() {
                compare(pair.0, pair.1, path: "\(path)[\(index)]", depth: depth + 1, into: &paths)
            }
        default:
            return
        }
    }
}
