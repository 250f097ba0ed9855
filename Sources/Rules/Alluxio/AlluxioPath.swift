/// A path in Alluxio's namespace, compared byte by byte.
///
/// Swift's `String` holds two names equal that differ only in Unicode normalisation; Alluxio does not, and for a drain they are
/// two files. Any text is a path here, since other people choose file names: `spelling` says whether it may be passed on.
public struct AlluxioPath: Sendable, Hashable, Comparable, ExpressibleByStringLiteral {
    /// The path as Alluxio lists it.
    public let text: String

    /// Makes a path of whatever text was listed.
    public init(_ text: String) {
        self.text = text
    }

    /// Makes a path that is written in the source.
    public init(stringLiteral text: String) {
        self.text = text
    }

    /// The root of the namespace.
    public static let root = AlluxioPath("/")

    /// Equal only if every byte is.
    public static func == (left: AlluxioPath, right: AlluxioPath) -> Bool {
        left.text.utf8.elementsEqual(right.text.utf8)
    }

    /// Orders by bytes.
    public static func < (left: AlluxioPath, right: AlluxioPath) -> Bool {
        left.text.utf8.lexicographicallyPrecedes(right.text.utf8)
    }

    /// Hashes the bytes.
    public func hash(into hasher: inout Hasher) {
        for byte in text.utf8 {
            hasher.combine(byte)
        }
        hasher.combine(0xFF as UInt8)
    }

    /// The folder that the path lies in, or nil for the root and for what is no absolute path.
    public var parent: AlluxioPath? {
        guard text.utf8.first == UInt8(ascii: "/"), text.utf8.count > 1 else {
            return nil
        }
        guard let slash = text.utf8.lastIndex(of: UInt8(ascii: "/")), slash != text.utf8.startIndex else {
            return .root
        }
        return AlluxioPath(String(text.utf8[..<slash]) ?? "/")
    }

    /// Whether the path is `folder` itself or lies below it.
    public func isInside(_ folder: AlluxioPath) -> Bool {
        if folder == .root {
            return text.utf8.first == UInt8(ascii: "/")
        }
        guard text.utf8.starts(with: folder.text.utf8) else {
            return false
        }
        let rest = text.utf8.dropFirst(folder.text.utf8.count)
        return rest.isEmpty || rest.first == UInt8(ascii: "/")
    }
}

extension AlluxioPath {
    /// The longest path that is passed on, in bytes of UTF-8.
    public static let lengthMaximumBytes = 4096

    /// Whether, and how, a path may stand on the command line of `alluxio fs`.
    public enum Spelling: Sendable, Hashable {
        /// As it is.
        case plain
        /// Only where the client decodes its arguments as UTF-8; else every byte beyond ASCII becomes a `?`.
        case unicode
        /// Never: the client would take it for another path, or for several.
        case refused(Refusal)
    }

    /// Why a path is never passed on.
    public enum Refusal: String, Sendable, Hashable, CaseIterable {
        /// Empty, or not beginning with a slash.
        case notAbsolute = "not an absolute path"
        /// Longer than `lengthMaximumBytes`.
        case tooLong = "too long"
        /// A `*` is a wildcard to the client and can't be escaped: `/p/a*b` frees `/p/aXb` too (seen on 2.9.0).
        case wildcard = "contains a *"
        /// The client reads what follows a `?` as a query and frees the path before it (seen on 2.9.0: `/d/q?m` freed `/d/q`).
        case query = "contains a ?"
        /// The client turns a backslash into a slash (seen on 2.9.0).
        case backslash = "contains a backslash"
        /// Control characters: answers are read line by line.
        case control = "contains a control character"
        /// `//`, `.` and `..` are resolved by the client, so that another path would be meant.
        case notNormal = "is not in normal form"
        /// U+FFFD stands for bytes that could not be read: the real name is another one.
        case unreadable = "contains bytes that are no text"
    }

    /// Judges whether the path may be passed to `alluxio fs`; a blank, a dash, or a `-D` inside is fine, since it begins with a slash.
    public var spelling: Spelling {
        let bytes = text.utf8
        guard bytes.first == UInt8(ascii: "/") else {
            return .refused(.notAbsolute)
        }
        guard bytes.count <= Self.lengthMaximumBytes else {
            return .refused(.tooLong)
        }
        var isUnicode = false
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0..<0x20, 0x7F..<0xA0, 0x2028, 0x2029: return .refused(.control)
            case 0x2A: return .refused(.wildcard)
            case 0x3F: return .refused(.query)
            case 0x5C: return .refused(.backslash)
            case 0xFFFD: return .refused(.unreadable)
            case 0xA0...: isUnicode = true
            default: break
            }
        }
        if self != .root {
            for component in bytes.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
                let dots = component.count <= 2 && component.allSatisfy { $0 == UInt8(ascii: ".") }
                if dots {
                    return .refused(.notNormal)
                }
            }
        }
        return isUnicode ? .unicode : .plain
    }

    /// Whether the path may be passed to `alluxio fs` at all.
    public var isPassable: Bool {
        if case .refused = spelling {
            return false
        }
        return true
    }
}
