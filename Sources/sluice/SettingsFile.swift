/// The configuration file: YAML, a mapping of settings' names to values or lists of values.
enum SettingsFile {
    /// One key of the file.
    struct Entry: Equatable {
        let key: String
        let values: [String]
        /// Counted from 1.
        let line: Int
    }

    static func read(_ bytes: [UInt8], path: String) throws(UsageError) -> [Entry] { [] }
}
