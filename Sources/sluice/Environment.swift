internal import Glibc

extension SettingsLoader {
    /// Reads this process's environment and files.
    static func ofProcess() -> SettingsLoader {
        SettingsLoader(
            environment: { name in
                unsafe getenv(name).map { unsafe String(cString: $0) }
            },
            readFile: { (path) throws(UsageError) in
                do {
                    return try FileReading.bytes(path)
                } catch {
                    throw UsageError(message: "\(error)")
                }
            })
    }
}
