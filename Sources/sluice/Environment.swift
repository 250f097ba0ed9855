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

enum Environment {
    /// What a kubeconfig or a pod's own account is found by.
    static var ofCluster: [String: String] {
        var found: [String: String] = [:]
        for name in ["KUBECONFIG", "HOME", "KUBERNETES_SERVICE_HOST", "KUBERNETES_SERVICE_PORT"] {
            found[name] = unsafe getenv(name).map { unsafe String(cString: $0) }
        }
        return found
    }
}
