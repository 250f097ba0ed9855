internal import Glibc

/// The current time as an HTTP date (RFC 9110, section 5.6.7), formatted once a second.
struct HTTPDate {
    private var second: Int64 = .min
    private var bytes: [UInt8] = []

    /// Gives the date; `now` is the loop's monotonic time and only tells when a second has passed.
    mutating func text(now: MonotonicTime) -> [UInt8] {
        let current = now.nanoseconds / 1_000_000_000
        if current != second {
            second = current
            bytes = Self.format(secondsSinceEpoch: Int64(time(nil)))
        }
        return bytes
    }

    /// Formats a moment such as `Sun, 06 Nov 1994 08:49:37 GMT`.
    static func format(secondsSinceEpoch: Int64) -> [UInt8] {
        var parts = unsafe tm()
        var seconds = time_t(secondsSinceEpoch)
        unsafe gmtime_r(&seconds, &parts)
        let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let (day, month) = unsafe (days[Int(parts.tm_wday)], months[Int(parts.tm_mon)])
        let clock = unsafe [parts.tm_hour, parts.tm_min, parts.tm_sec].map(twoDigits).joined(separator: ":")
        let year = unsafe Int(parts.tm_year) + 1900
        return Array(unsafe "\(day), \(twoDigits(parts.tm_mday)) \(month) \(year) \(clock) GMT".utf8)
    }

    private static func twoDigits(_ number: Int32) -> String {
        number < 10 ? "0\(number)" : "\(number)"
    }
}
