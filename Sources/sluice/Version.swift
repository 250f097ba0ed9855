internal import Wire

/// What this program is, and of what it is made.
enum Version {
    /// Its version, by semantic versioning.
    static let number = "0.1.0"

    /// The compiler, as far as a program can know it.
    private static let swift: String = {
        #if compiler(>=6.4)
            "6.4 or newer"
        #elseif compiler(>=6.3)
            "6.3"
        #else
            "older than 6.3"
        #endif
    }()

    private static let architecture: String = {
        #if arch(x86_64)
            "x86_64"
        #elseif arch(arm64)
            "arm64"
        #else
            "another architecture"
        #endif
    }()

    private static let build: String = {
        #if DEBUG
            "debug"
        #else
            "release"
        #endif
    }()

    /// What `sluice version` shows.
    static var text: String {
        let parts =
            [("sluice", number), ("Swift", "\(swift), \(build), \(architecture)")]
            + LinkedLibraries.versions
        return parts.map { "\($0.0) \($0.1)\n" }.joined()
    }

}
