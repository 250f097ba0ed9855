public import Wire

/// What an API server checks of the names in an object's `metadata`, beyond their types.
public enum ObjectNames {
    private static let annotationBytesMax = 256 << 10

    /// What the metadata of an object whose name is a DNS subdomain would be refused for; its fields have the right types.
    public static func violations(_ metadata: JSON?) -> [SchemaViolation] {
        var found: [SchemaViolation] = []
        let path = FieldPath("metadata")
        let name = metadata?["name"]?.string ?? ""
        let generated = metadata?["generateName"]?.string ?? ""
        if name.isEmpty, generated.isEmpty {
            found.append(SchemaViolation(path.member("name").text, "is required", remedy: "Write metadata.name"))
        }
        if !name.isEmpty, !isSubdomain(name) {
            found.append(notAName(path.member("name"), name))
        }
        // Five characters follow, so that a dash may be last.
        if name.isEmpty, !generated.isEmpty, !isSubdomain(generated + "xxxxx") {
            found.append(notAName(path.member("generateName"), generated))
        }
        if let namespace = metadata?["namespace"]?.string, !namespace.isEmpty, !isLabel(namespace[...]) {
            found.append(
                SchemaViolation(
                    path.member("namespace").text, "\(JSON.string(namespace).words) is no name of a namespace",
                    remedy: "Write lower-case letters, digits and dashes, at most 63"))
        }
        for member in metadata?["labels"]?.members ?? [] {
            checkKey(member.name, path.member("labels"), &found)
            let value = member.value.string ?? ""
            if !value.isEmpty, !isQualifiedPart(value[...]) {
                found.append(
                    SchemaViolation(
                        path.member("labels").member(member.name).text,
                        "\(JSON.string(value).words) can't be the value of a label",
                        remedy: "Write at most 63 letters, digits and -_. , the first and the last no mark"))
            }
        }
        for name in metadata?["finalizers"]?.elements ?? [] where !isQualifiedName(name.string ?? "") {
            found.append(
                SchemaViolation(
                    path.member("finalizers").text, "\(name.words) can't be a finalizer",
                    remedy: "Write a name such as example.org/finalizer"))
        }
        checkOwners(metadata?["ownerReferences"]?.elements ?? [], path.member("ownerReferences"), &found)
        let annotations = metadata?["annotations"]?.members ?? []
        for member in annotations { checkKey(member.name, path.member("annotations"), &found) }
        let bytes = annotations.reduce(0) { $0 + $1.name.utf8.count + ($1.value.string?.utf8.count ?? 0) }
        if bytes > annotationBytesMax {
            found.append(
                SchemaViolation(
                    path.member("annotations").text, "\(bytes) bytes, at most \(annotationBytesMax) fit",
                    remedy: "Remove some"))
        }
        return found
    }

    private static func checkOwners(_ owners: [JSON], _ path: FieldPath, _ found: inout [SchemaViolation]) {
        for (index, owner) in owners.enumerated() {
            for name in ["apiVersion", "kind", "name", "uid"] where owner[name]?.string?.isEmpty ?? true {
                found.append(
                    SchemaViolation(path.element(index).member(name).text, "is required", remedy: "Write it"))
            }
        }
        if owners.count(where: { $0["controller"]?.bool ?? false }) > 1 {
            found.append(
                SchemaViolation(path.text, "more than one is the controller", remedy: "Write controller: true once"))
        }
    }

    private static func notAName(_ path: FieldPath, _ name: String) -> SchemaViolation {
        SchemaViolation(
            path.text, "\(JSON.string(name).words) is no DNS-1123 subdomain",
            remedy: "Write lower-case letters, digits, - and . , a letter or a digit first and last, at most 253")
    }

    private static func checkKey(_ key: String, _ path: FieldPath, _ found: inout [SchemaViolation]) {
        guard !isQualifiedName(key) else { return }
        found.append(
            SchemaViolation(
                path.member(key).text, "\(JSON.string(key).words) can't be a key",
                remedy: "Write a name of at most 63 letters, digits and -_. , behind a DNS name and a / if you like"))
    }

    /// Whether a text is a name with or without a DNS name and a slash before it, as labels, finalizers and resources have.
    static func isQualifiedName(_ text: String) -> Bool {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        return switch parts.count {
        case 1: isQualifiedPart(parts[0])
        // The keys of annotations may have capitals in their prefix.
        case 2: isSubdomain(parts[0].lowercased()) && isQualifiedPart(parts[1])
        default: false
        }
    }

    /// Whether a text is a DNS-1123 label.
    static func isLabel(_ text: String) -> Bool { isLabel(text[...]) }

    private static func isQualifiedPart(_ text: Substring) -> Bool {
        let bytes = text.utf8
        guard let first = bytes.first, let last = bytes.last, bytes.count <= 63 else { return false }
        return isAlphanumeric(first) && isAlphanumeric(last)
            && bytes.allSatisfy { isAlphanumeric($0) || "-_.".utf8.contains($0) }
    }

    private static func isSubdomain(_ text: String) -> Bool {
        text.utf8.count <= 253
            && text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { isLabel($0, max: 253) }
    }

    private static func isLabel(_ text: Substring, max: Int = 63) -> Bool {
        let bytes = text.utf8
        guard let first = bytes.first, let last = bytes.last, bytes.count <= max else { return false }
        let isLower = { (byte: UInt8) in isAlphanumeric(byte) && !(0x41...0x5A).contains(byte) }
        return isLower(first) && isLower(last) && bytes.allSatisfy { isLower($0) || $0 == UInt8(ascii: "-") }
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
    }
}
