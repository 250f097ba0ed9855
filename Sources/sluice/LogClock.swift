internal import Glibc

/// The time of day as log lines show it; the date's text is made once a second.
struct LogClock {
    private var second: Int64 = .min
    private var text = ""

    /// Now, by RFC 3339 in UTC to the millisecond: `2026-11-23T10:20:30.123Z`.
    mutating func now() -> String {
        var time = timespec()
        _ = unsafe clock_gettime(CLOCK_REALTIME, &time)
        return show(seconds: Int64(time.tv_sec), nanoseconds: Int64(time.tv_nsec))
    }

    /// A moment since 1970.
    mutating func show(seconds: Int64, nanoseconds: Int64) -> String {
        if seconds != second {
            var parts = unsafe tm()
            var time = time_t(seconds)
            _ = unsafe gmtime_r(&time, &parts)
            let date =
                unsafe "\(Self.padded(Int64(parts.tm_year) + 1900, 4))-\(Self.padded(Int64(parts.tm_mon) + 1, 2))"
            let day = unsafe "\(date)-\(Self.padded(Int64(parts.tm_mday), 2))"
            let hour = unsafe "\(Self.padded(Int64(parts.tm_hour), 2)):\(Self.padded(Int64(parts.tm_min), 2))"
            text = unsafe "\(day)T\(hour):\(Self.padded(Int64(parts.tm_sec), 2))"
            second = seconds
        }
        return "\(text).\(Self.padded(nanoseconds / 1_000_000, 3))Z"
    }

    private static func padded(_ number: Int64, _ width: Int) -> String {
        let digits = "\(number)"
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
