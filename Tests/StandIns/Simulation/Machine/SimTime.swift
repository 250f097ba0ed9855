extension Int64 {
    /// So many milliseconds, in the world's microseconds.
    static func milliseconds(_ count: Int64) -> Int64 { count * 1_000 }
    /// So many seconds, in the world's microseconds.
    static func seconds(_ count: Int64) -> Int64 { count * 1_000_000 }
    /// So many minutes, in the world's microseconds.
    static func minutes(_ count: Int64) -> Int64 { count * 60_000_000 }

    /// The world's microseconds of a duration.
    init(microseconds duration: Duration) {
        let (seconds, attoseconds) = duration.components
        self = seconds.multipliedReportingOverflow(by: 1_000_000).partialValue + attoseconds / 1_000_000_000_000
    }

    /// A time of the world, as the trace shows it: seconds and milliseconds.
    var shown: String {
        let thousandths = String(self / 1_000 % 1_000)
        return "\(self / 1_000_000)." + String(repeating: "0", count: 3 - thousandths.count) + thousandths
    }
}
