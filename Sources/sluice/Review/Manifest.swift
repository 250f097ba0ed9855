internal import Kubernetes
internal import Wire

/// One object as a file or a cluster has it.
struct Manifest: Sendable {
    /// The file, as it was named or found; `-` for standard input; of a cluster, the object as kubectl names it.
    let path: String
    /// The object with the lines it was written on; nil if it has none.
    let node: YAMLNode?
    /// The object as a tree.
    let written: JSON
    /// Which cluster it belongs to, where several are judged in one call.
    var environment = 0
    /// What kubectl reads over in silence.
    var warnings: [YAMLError] = []

    var apiVersion: String { written["apiVersion"]?.string ?? "" }
    var kind: String { written["kind"]?.string ?? "" }
    var name: String { written["metadata"]?["name"]?.string ?? "" }
    var generateName: String { written["metadata"]?["generateName"]?.string ?? "" }
    var namespace: String { written["metadata"]?["namespace"]?.string ?? "" }

    /// Where it begins, as compilers write it.
    var place: String { place(line: node?.line) }

    /// The line of a field, or of the nearest thing around it; nil for an object that has no lines.
    func line(of field: String) -> Int? { node?.line(at: FieldPath.tokens(field)) }

    /// A place in its file.
    func place(line: Int?) -> String {
        let path = OneLine.text(path)
        return line.map { "\(path):\($0)" } ?? path
    }

    /// The resource that the webhooks are registered for; nil for everything else.
    var resource: Resource? {
        let parts = apiVersion.split(separator: "/", maxSplits: 1).map(String.init)
        guard parts.count == 2 else { return nil }
        switch (parts[0], kind) {
        case ("data.fluid.io", "AlluxioRuntime"):
            return Resource(group: parts[0], version: parts[1], plural: "alluxioruntimes")
        case ("autoscaling", "HorizontalPodAutoscaler"):
            return Resource(group: parts[0], version: parts[1], plural: "horizontalpodautoscalers")
        case ("keda.sh", "ScaledObject"):
            return Resource(group: parts[0], version: parts[1], plural: "scaledobjects")
        default: return nil
        }
    }
}

/// Text from outside, for a line of ours.
enum OneLine {
    /// The text without line ends and other control characters, which become what JSON writes for them.
    static func text(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: isControl) else { return text }
        var output = ""
        for scalar in text.unicodeScalars {
            guard isControl(scalar) else {
                output.unicodeScalars.append(scalar)
                continue
            }
            switch scalar {
            case "\n": output += "\\n"
            case "\r": output += "\\r"
            case "\t": output += "\\t"
            default:
                let digits = String(scalar.value, radix: 16)
                output += "\\u" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
            }
        }
        return output
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case ..<0x20, 0x7F..<0xA0, 0x2028, 0x2029, 0xFEFF, 0xFFFE, 0xFFFF: true
        default: false
        }
    }
}

extension FieldPath {
    /// The names and indices of a path as Kubernetes writes it: `spec.metrics[0].object`, `metadata.annotations[a.b/c]`.
    static func tokens(_ path: String) -> [String] {
        var tokens: [String] = []
        var token = ""
        var isBracketed = false
        func finish() {
            if !token.isEmpty { tokens.append(token) }
            token = ""
        }
        for character in path {
            switch character {
            case "[" where !isBracketed:
                finish()
                isBracketed = true
            case "]" where isBracketed:
                finish()
                isBracketed = false
            case "." where !isBracketed: finish()
            default: token.append(character)
            }
        }
        finish()
        return tokens
    }
}
