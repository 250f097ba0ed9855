/// A version of Alluxio as its master reports it, such as `2.9.0` or `2.9.1-SNAPSHOT`.
public struct AlluxioVersion: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// The first number.
    public var major: Int
    /// The second number.
    public var minor: Int
    /// The third number; 0 if there was none.
    public var patch: Int
    /// Whether something such as `-SNAPSHOT` followed.
    public var isPrerelease: Bool

    /// Makes a version of its numbers.
    public init(_ major: Int, _ minor: Int, _ patch: Int, isPrerelease: Bool = false) {
        self.major = major
        self.minor = minor
        self.patch = patch
        self.isPrerelease = isPrerelease
    }

    /// Reads a version, or returns nil if the text is none.
    public init?(_ text: some StringProtocol) {
        let core = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        let numbers = core.split(separator: ".", omittingEmptySubsequences: false).map { Int($0) }
        guard (1...4).contains(numbers.count), let major = numbers[0], !numbers.contains(nil) else {
            return nil
        }
        let rest = text.dropFirst(core.count)
        guard rest.isEmpty || rest.first == "-" || rest.first == "+" else {
            return nil
        }
        // Releases of the third line call themselves `304` or `311`.
        guard numbers.count > 1 || major >= 100 else {
            return nil
        }
        self.major = major >= 100 ? 3 : major
        minor = numbers.count > 1 ? numbers[1] ?? 0 : 0
        patch = numbers.count > 2 ? numbers[2] ?? 0 : 0
        isPrerelease = rest.first == "-"
    }

    /// Orders by number; a pre-release comes before its release.
    public static func < (left: AlluxioVersion, right: AlluxioVersion) -> Bool {
        (left.major, left.minor, left.patch, left.isPrerelease ? 0 : 1)
            < (right.major, right.minor, right.patch, right.isPrerelease ? 0 : 1)
    }

    /// The version as text.
    public var description: String {
        "\(major).\(minor).\(patch)" + (isPrerelease ? "-SNAPSHOT" : "")
    }

    /// Whether blocks are tracked by a master and `alluxio fs free` exists: 2.x only.
    public var canFree: Bool { major == 2 }

    /// Whether `fsadmin decommissionWorker` and `enableWorker` exist: 2.9.4 to 2.x, none before (upstream pull request 17310).
    public var canDecommission: Bool {
        major == 2 && (minor, patch) >= (9, 4)
    }
}
