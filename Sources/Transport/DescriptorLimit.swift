internal import Glibc

/// How many descriptors the process may have, and what of it is left for connections.
enum DescriptorLimit {
    /// What is left for the client's connections and for files, where there is enough.
    private static let reserve = 64
    /// With fewer than this for connections there is no serving.
    private static let least = 16

    /// Raises the soft limit to the hard one, and returns it.
    static func raised() throws(SystemError) -> Int {
        var limit = rlimit()
        guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else {
            throw .last("getrlimit RLIMIT_NOFILE")
        }
        if limit.rlim_cur < limit.rlim_max {
            limit.rlim_cur = limit.rlim_max
            // Where that is not allowed the soft limit holds.
            if unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) != 0 {
                _ = unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
            }
        }
        return Int(clamping: limit.rlim_cur)
    }

    /// How many descriptors are open now.
    static func inUse() -> Int {
        guard let folder = unsafe opendir("/proc/self/fd") else { return 16 }
        defer { unsafe closedir(folder) }
        var count = 0
        while unsafe readdir(folder) != nil { count += 1 }
        // Itself and its parent are names in the folder, and the folder is open.
        return count - 3
    }

    /// What is left for connections of `limit` descriptors, `inUse` of which are taken.
    static func forConnections(limit: Int, inUse: Int) throws(SystemError) -> Int {
        let left = limit - inUse
        guard left >= 2 * least else {
            throw SystemError(
                "serve with at most \(limit) open files (RLIMIT_NOFILE), \(inUse) of them open already; "
                    + "\(inUse + 2 * least) are needed", number: EMFILE)
        }
        return left - min(reserve, left / 2)
    }
}

extension ServerSettings {
    /// Raises the process's limit of open files as far as it goes, and lowers the numbers of connections to what it
    /// allows; `tell` gets a sentence if they had to be.
    public mutating func fitDescriptors(tell: (String) -> Void) throws(SystemError) {
        let limit = try DescriptorLimit.raised()
        let wanted = (maximumConnections, maximumPlainConnections)
        fit(try DescriptorLimit.forConnections(limit: limit, inUse: DescriptorLimit.inUse()))
        guard wanted != (maximumConnections, maximumPlainConnections) else { return }
        tell(
            "the process may have \(limit) open files (RLIMIT_NOFILE), enough for \(maximumConnections) connections and "
                + "\(maximumPlainConnections) of the second listener; set were \(wanted.0) and \(wanted.1)"
        )
    }

    /// Lowers the numbers of connections to `most` in all, a quarter of them at most for plain ones.
    mutating func fit(_ most: Int) {
        guard maximumConnections + maximumPlainConnections > most else { return }
        maximumPlainConnections = min(maximumPlainConnections, max(1, most / 4))
        maximumConnections = min(maximumConnections, max(1, most - maximumPlainConnections))
        maximumConnectionsPerPeer = min(maximumConnectionsPerPeer, maximumConnections)
        maximumPlainConnectionsPerPeer = min(maximumPlainConnectionsPerPeer, maximumPlainConnections)
    }
}
