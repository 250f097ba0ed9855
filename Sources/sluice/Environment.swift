internal import Glibc

extension SettingsLoader {
    /// Reads this process's environment and files.
    static func ofProcess() -> SettingsLoader {
        SettingsLoader(
            environment: { name in
                unsafe getenv(name).map { unsafe String(cString: $0) }
            },
            environmentNames: Environment.names,
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
    /// The names of all variables.
    static var names: [String] {
        var names: [String] = []
        var place = unsafe environ
        while let entry = unsafe place.pointee {
            names.append(String(unsafe String(cString: entry).prefix { $0 != "=" }))
            unsafe place = place.successor()
        }
        return names
    }

    /// What a kubeconfig or a pod's own account is found by.
    static var ofCluster: [String: String] {
        var found: [String: String] = [:]
        for name in ["KUBECONFIG", "HOME", "KUBERNETES_SERVICE_HOST", "KUBERNETES_SERVICE_PORT"] {
            found[name] = unsafe getenv(name).map { unsafe String(cString: $0) }
        }
        return found
    }
}
