/// Times as Kubernetes writes them (RFC 3339), to and from milliseconds since 1970-01-01T00:00:00Z.
public enum RFC3339 {
    /// `2026-11-23T22:55:00Z`, as `metav1.Time` is written; years 0 to 9999, others are cut to these.
    public static func seconds(_ milliseconds: Int64) -> String { format(milliseconds) }

    /// `2026-11-23T22:55:00.123000Z`, as `metav1.MicroTime` is written.
    public static func micro(_ milliseconds: Int64) -> String {
        let clamped = clamp(milliseconds)
        let fraction = pad(clamped - floorDivide(clamped, 1000) * 1000, 3)
        return format(milliseconds).dropLast() + ".\(fraction)000Z"
    }

    /// Reads either form, with any offset and any number of digits; nil if it is none.
    public static func parse(_ text: String) -> Int64? {
        let bytes = Array(text.utf8)
        guard bytes.count >= 20, bytes[4] == UInt8(ascii: "-"), bytes[7] == UInt8(ascii: "-"),
            bytes[10] | 0x20 == UInt8(ascii: "t"), bytes[13] == UInt8(ascii: ":"), bytes[16] == UInt8(ascii: ":"),
            let year = number(bytes[0..<4]), let month = number(bytes[5..<7]), let day = number(bytes[8..<10]),
            let hour = number(bytes[11..<13]), let minute = number(bytes[14..<16]),
            let second = number(bytes[17..<19]), (1...12).contains(month), (1...31).contains(day), hour < 24,
            minute < 60, second <= 60
        else { return nil }
        var position = 19
        var milliseconds: Int64 = 0
        if bytes[position] == UInt8(ascii: ".") {
            position += 1
            let start = position
            var weight: Int64 = 100
            while position < bytes.count, let digit = number(bytes[position..<(position + 1)]) {
                milliseconds += digit * weight
                weight /= 10
                position += 1
            }
            guard position > start else { return nil }
        }
        guard let offset = offset(bytes[position...]) else { return nil }
        let seconds = days(year: year, month: month, day: day) * 86_400 + hour * 3600 + minute * 60 + second
        return (seconds - offset * 60) * 1000 + milliseconds
    }

    /// The offset from UTC in minutes.
    private static func offset(_ bytes: ArraySlice<UInt8>) -> Int64? {
        guard let sign = bytes.first else { return nil }
        let rest = bytes.dropFirst()
        if sign | 0x20 == UInt8(ascii: "z") { return rest.isEmpty ? 0 : nil }
        let start = rest.startIndex
        guard sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-"), rest.count == 5,
            rest[start + 2] == UInt8(ascii: ":"), let hours = number(rest[start..<(start + 2)]),
            let minutes = number(rest[(start + 3)...]), hours < 24, minutes < 60
        else { return nil }
        return (sign == UInt8(ascii: "-") ? -1 : 1) * (hours * 60 + minutes)
    }

    private static func format(_ milliseconds: Int64) -> String {
        let seconds = floorDivide(clamp(milliseconds), 1000)
        let day = floorDivide(seconds, 86_400)
        let rest = seconds - day * 86_400
        let date = date(day)
        return "\(pad(date.year, 4))-\(pad(date.month, 2))-\(pad(date.day, 2))T"
            + "\(pad(rest / 3600, 2)):\(pad(rest / 60 % 60, 2)):\(pad(rest % 60, 2))Z"
    }

    /// Keeps to the years 0 to 9999, which have four digits.
    private static func clamp(_ milliseconds: Int64) -> Int64 {
        min(max(milliseconds, -62_167_219_200_000), 253_402_300_799_999)
    }

    private static func floorDivide(_ value: Int64, _ divisor: Int64) -> Int64 {
        value >= 0 ? value / divisor : -((-value + divisor - 1) / divisor)
    }

    private static func pad(_ number: Int64, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }

    private static func number(_ bytes: ArraySlice<UInt8>) -> Int64? {
        var result: Int64 = 0
        for byte in bytes {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
            result = result * 10 + Int64(byte - UInt8(ascii: "0"))
        }
        return result
    }

    /// The days since 1970-01-01 of a day in the Gregorian calendar, whose years are counted from March.
    private static func days(year: Int64, month: Int64, day: Int64) -> Int64 {
        let shifted = month > 2 ? year : year - 1
        let era = floorDivide(shifted, 400)
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    /// The day in the Gregorian calendar, the other way round.
    private static func date(_ days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = days + 719_468
        let era = floorDivide(shifted, 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear - (153 * monthFromMarch + 2) / 5 + 1)
    }
}
