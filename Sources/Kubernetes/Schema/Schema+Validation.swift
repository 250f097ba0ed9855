public import Wire

/// One thing that an API server would refuse an object for.
public struct SchemaViolation: Sendable, Hashable {
    /// Where, as Kubernetes writes paths: `spec.tieredstore.levels[0].quota`.
    public var field: String
    /// What is wrong, in one line.
    public var message: String
    /// What to do about it, in one line.
    public var remedy: String

    /// Makes a violation from its three parts.
    public init(_ field: String, _ message: String, remedy: String) {
        self.field = field
        self.message = message
        self.remedy = remedy
    }
}

/// A path into an object, as Kubernetes writes it.
public struct FieldPath: Sendable, Hashable {
    /// The path as text.
    public var text: String

    /// Starts a path.
    public init(_ text: String) { self.text = text }

    /// The path of a member: `.name`, or `[name]` where the name itself has dots or other marks.
    public func member(_ name: String) -> FieldPath {
        let isPlain = !name.isEmpty && name.utf8.allSatisfy { $0 != 0x2E && $0 != 0x5B && $0 != 0x5D && $0 > 0x20 }
        let shown = String(String.UnicodeScalarView(name.unicodeScalars.prefix(100).map { $0.value < 0x20 ? " " : $0 }))
        if text.isEmpty { return FieldPath(shown) }
        return FieldPath(isPlain ? "\(text).\(shown)" : "\(text)[\(shown)]")
    }

    /// The path of an element.
    public func element(_ index: Int) -> FieldPath { FieldPath("\(text)[\(index)]") }
}

extension Schema {
    /// The most violations of one object that are told.
    private static let violationsMax = 50

    /// What an API server would refuse a value for, in the order of the value.
    ///
    /// - Parameter isNative: whether the object is of a kind that the API server has itself, whose decoder takes `null` for
    ///   anything and asks for no field; custom resources are told what is missing.
    public func violations(of value: JSON, at path: FieldPath, isNative: Bool = false) -> [SchemaViolation] {
        var found: [SchemaViolation] = []
        check(value, path, isNative, &found)
        return found
    }

    private func check(_ value: JSON, _ path: FieldPath, _ isNative: Bool, _ found: inout [SchemaViolation]) {
        guard found.count < Self.violationsMax else { return }
        if isNative, value.isNull { return }
        if let violation = wrongType(value, path, isNative) {
            found.append(violation)
            return
        }
        checkScalar(value, path, &found)
        switch value {
        case .object(let members):
            // Null is as good as absent: the API server drops it before it looks.
            let written = members.filter { !$0.value.isNull }
            if !isNative {
                for name in required where !written.contains(where: { $0.name == name }) {
                    found.append(SchemaViolation(path.member(name).text, "is required", remedy: "Write it"))
                }
            }
            for member in written {
                field(member.name)?.check(member.value, path.member(member.name), isNative, &found)
            }
        case .array(let elements):
            var seen: Set<[JSON?]> = []
            for (index, element) in elements.enumerated() {
                items?.check(element, path.element(index), isNative, &found)
                if !mapKeys.isEmpty, !seen.insert(mapKeys.map { element[$0] }).inserted {
                    found.append(
                        SchemaViolation(
                            path.element(index).text, "has the same \(mapKeys.joined(separator: " and ")) as another",
                            remedy: "Remove one of them"))
                }
            }
        default: break
        }
    }

    private func wrongType(_ value: JSON, _ path: FieldPath, _ isNative: Bool) -> SchemaViolation? {
        let isRight: Bool
        switch (kind, value) {
        // The quantities of native kinds are read from any number.
        case (_, .double) where isIntOrString: isRight = isNative
        case (_, .string) where isIntOrString, (_, .integer) where isIntOrString: isRight = true
        case (nil, _): isRight = !isIntOrString
        case (.object, .object), (.array, .array), (.string, .string), (.boolean, .bool), (.integer, .integer),
            (.number, .integer), (.number, .double):
            isRight = true
        default: isRight = false
        }
        guard !isRight else { return nil }
        let wanted = isIntOrString ? "a string or a whole number" : kind?.words ?? "something else"
        return SchemaViolation(path.text, "has to be \(wanted), not \(value.words)", remedy: remedy(value))
    }

    private func remedy(_ value: JSON) -> String {
        switch (kind, value) {
        case (.string, .integer), (.string, .double), (.string, .bool):
            "Write it in quotes: \"\(String(decoding: value.encoded(), as: UTF8.self))\""
        case (.integer, .string(let text)) where Int64(text) != nil,
            (.boolean, .string(let text)) where text == "true" || text == "false":
            "Write it without quotes: \(text)"
        case (.object, .string(let text)) where text.contains(":"):
            "Write a blank behind the colon, which makes name and value of \"\(text.prefix(40))\""
        case (.array, .object): "Write a - before it, which makes it the first of a list"
        case (_, .null): "Write a value, or leave the field out"
        default: "Write \(kind?.words ?? "another value")"
        }
    }

    private func checkScalar(_ value: JSON, _ path: FieldPath, _ found: inout [SchemaViolation]) {
        if let enumeration, !enumeration.contains(value) {
            let allowed = enumeration.map { String(decoding: $0.encoded(), as: UTF8.self) }.joined(separator: ", ")
            found.append(
                SchemaViolation(path.text, "\(value.words) is none of \(allowed)", remedy: "Write one of these"))
        }
        if let text = value.string {
            if let minLength, text.unicodeScalars.count < minLength {
                found.append(SchemaViolation(path.text, "may not be empty", remedy: "Write a value, or leave it out"))
            }
            if let pattern, !pattern.matches(text) {
                found.append(
                    SchemaViolation(
                        path.text, "\(value.words) is not \(pattern.words)", remedy: pattern.remedy(text)))
            }
            if format == "date-time", RFC3339.parse(text) == nil {
                found.append(
                    SchemaViolation(
                        path.text, "\(value.words) is no time", remedy: "Write one such as 2026-01-31T12:00:00Z"))
            }
        }
        if let number = value.int64, format == "int32", Int32(exactly: number) == nil {
            found.append(
                SchemaViolation(path.text, "\(number) has more than 32 bits", remedy: "Write at most \(Int32.max)"))
        }
        if let minimum, let number = value.double, number < minimum {
            let least = String(decoding: JSON.number(minimum).encoded(), as: UTF8.self)
            found.append(
                SchemaViolation(
                    path.text, "\(value.words) is below the minimum, \(least)", remedy: "Write at least \(least)"))
        }
    }
}

extension Schema.Kind {
    /// The kind in words.
    var words: String {
        switch self {
        case .object: "a mapping"
        case .array: "a list"
        case .string: "a string"
        case .integer: "a whole number"
        case .number: "a number"
        case .boolean: "true or false"
        }
    }
}

extension JSON {
    /// The value for a message: what it is, and what it looks like if that is short.
    var words: String {
        let text = String(decoding: encoded(), as: UTF8.self)
        let shown = text.count > 60 ? text.prefix(57) + "..." : text
        return switch self {
        case .null: "null"
        case .bool, .string: shown
        case .integer, .double: "the number \(shown)"
        case .array: "a list"
        case .object: "a mapping"
        }
    }
}
