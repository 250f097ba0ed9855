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
        let parsed = object.at("metadata", "annotations")?[Self.annotation]?.withUTF8 { text in
            // Unreadable is as good as absent: anybody may write anything into an annotation.
            try? parsers.withParser { parser throws(JSONError) in try parser.parse(text) }
        }
        guard let root = parsed ?? nil, root.kind == .object else { return nil }
        self.root = root
    }

    /// The paths below `spec` that were written and that the object lacks, the outermost only.
    func prunedPaths(in object: JSONValue) -> [String] {
        guard let written = root["spec"], let received = object["spec"] else { return [] }
        var comparison = Comparison()
        comparison.compare(written, received)
        return comparison.paths
    }

    /// A walk through what was written, next to what was received.
    private struct Comparison {
        /// One step down from `spec`; a path is only spelled out for a field that is missing.
        private enum Step {
            case member(JSONMember)
            case element(Int)
        }

        private var steps: [Step] = []
        var paths: [String] = []

        mutating func compare(_ written: JSONValue, _ received: JSONValue) {
            guard steps.count < depthMax, paths.count < prunedMax else { return }
            switch (written.kind, received.kind) {
            case (.object, .object):
                for (member, same) in written.members(besides: received)
                where !member.value.isNull && paths.count < prunedMax {
                    steps.append(.member(member))
                    if let same {
                        compare(member.value, same)
                    } else {
                        paths.append(path)
                    }
                    steps.removeLast()
                }
            case (.array, .array) where written.count == received.count:
                for (index, pair) in zip(written.elements, received.elements).enumerated() {
                    steps.append(.element(index))
                    compare(pair.0, pair.1)
                    steps.removeLast()
                }
            default:
                return
            }
        }

        private var path: String {
            steps.reduce(into: "spec") { path, step in
                switch step {
                case .member(let member): path += "." + member.name(bytesMax: FactLimits.nameBytes)
                case .element(let index): path += "[\(index)]"
                }
            }
        }
    }
}
