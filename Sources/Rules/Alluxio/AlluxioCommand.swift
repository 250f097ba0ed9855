/// One call of the `alluxio` client in the master pod, as an argument vector; never a shell line.
public struct AlluxioCommand: Sendable, Hashable {
    /// The program and its arguments.
    public let arguments: [String]

    init(_ arguments: [String]) {
        self.arguments = arguments
    }

    /// What the client's JVM is told; arguments that begin with `-X` go there wherever they stand.
    ///
    /// Without a bound its heap follows the master's container. A call is over before the second compiler pays off: without
    /// it, and with the plainest collector, a free took 1.05 s of processor time instead of 2 (2.9.0, Java 17; both options
    /// are in Java 8 too).
    static let machine = ["-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"]
    /// What a call may take of the master container's memory, in bytes: the heap and the JVM around it.
    public static let memoryOfCallBytes: Int64 = 512 << 20
    /// The longest host name or address that is passed on (RFC 1123).
    public static let hostLengthMaximum = 253

    /// `alluxio fs free PATH`, or nil if the path must not be passed on; the client ignores all but the first path.
    ///
    /// Never with `-f`: that takes pins off for good.
    public static func free(_ path: AlluxioPath) -> AlluxioCommand? {
        let call = ["alluxio", "fs"] + machine + ["free", path.text]
        switch path.spelling {
        case .plain: return AlluxioCommand(call)
        // Containers rarely set a locale, and without one Java turns each byte beyond ASCII into a question mark (seen).
        case .unicode: return AlluxioCommand(["env", "LC_ALL=C.UTF-8"] + call)
        case .refused: return nil
        }
    }

    /// `alluxio fsadmin report capacity` of all workers: live, lost and decommissioned.
    public static let reportCapacity = AlluxioCommand(["alluxio", "fsadmin"] + machine + ["report", "capacity"])

    /// `alluxio fsadmin report summary`, for the version.
    public static let reportSummary = AlluxioCommand(["alluxio", "fsadmin"] + machine + ["report", "summary"])

    /// `alluxio fsadmin decommissionWorker` for one worker, or nil if the host is none.
    ///
    /// The command polls a busy worker for ever and ignores its own `--wait`, so that `timeout` ends it inside the pod too.
    /// - Parameters:
    ///   - host: the worker's name in the master's reports: the node's address.
    ///   - webPort: the worker's web port, 1 to 65535; the command polls it.
    ///   - limitSeconds: after which time the call is ended in the pod.
    public static func decommission(host: String, webPort: Int, limitSeconds: Int) -> AlluxioCommand? {
        guard isHost(host), (1...65535).contains(webPort), limitSeconds > 0 else {
            return nil
        }
        let refresh = "-Dalluxio.user.worker.list.refresh.interval=1s"
        return AlluxioCommand(
            ["timeout", "\(limitSeconds)", "alluxio", "fsadmin"] + machine
                + [refresh, "decommissionWorker", "-a", "\(bracketed(host)):\(webPort)"])
    }

    /// `alluxio fsadmin enableWorker` for one worker, or nil if the host is none.
    public static func enable(host: String, webPort: Int) -> AlluxioCommand? {
        guard isHost(host), (1...65535).contains(webPort) else {
            return nil
        }
        return AlluxioCommand(
            ["alluxio", "fsadmin"] + machine + ["enableWorker", "-a", "\(bracketed(host)):\(webPort)"])
    }

    /// Whether the text is a host name or an address that may stand on the command line: letters, digits, `.`, `-`, `:`.
    public static func isHost(_ text: String) -> Bool {
        guard let first = text.utf8.first, text.utf8.count <= hostLengthMaximum, first != UInt8(ascii: "-") else {
            return false
        }
        return text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: ":"):
                true
            default: false
            }
        }
    }

    private static func bracketed(_ host: String) -> String {
        host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]" : host
    }
}
