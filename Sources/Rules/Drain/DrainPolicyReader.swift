/// Reads each annotation of a drain policy, and keeps what it could not read.
struct DrainPolicyReader {
    let annotations: [String: String]
    var policy: DrainPolicy
    private(set) var problems: [DrainPolicy.Problem] = []

    private static var longest: String { DurationText.written(milliseconds: DrainPolicy.maximumMilliseconds) }

    init(annotations: [String: String], policy: DrainPolicy) {
        self.annotations = annotations
        self.policy = policy
    }

    mutating func readAll() {
        policy.mode = choice(Annotation.drain, policy.mode)
        policy.scope = choice(Annotation.drainScope, policy.scope)
        policy.client = choice(Annotation.drainClient, policy.client)
        // What the first version called Unpin took pins off; what was meant by it is Evict.
        policy.pinned = value(
            Annotation.drainPinned, Self.alternatives(DrainPolicy.Pinned.self), policy.pinned
        ) { DrainPolicy.Pinned(rawValue: $0 == "Unpin" ? "Evict" : $0) }
        policy.onDeadline = choice(Annotation.onDeadline, policy.onDeadline)
        policy.deadlineMilliseconds = value(
            Annotation.drainDeadline, "a duration such as 10m or 1h30m, from 1s to \(DrainPolicyReader.longest)",
            policy.deadlineMilliseconds
        ) { DrainPolicyReader.duration($0, from: 1_000) }
        policy.cooldownMilliseconds = value(
            Annotation.cooldown, "a duration such as 60s or 5m, from 0s to \(DrainPolicyReader.longest)",
            policy.cooldownMilliseconds
        ) { DrainPolicyReader.duration($0, from: 0) }
        policy.paths = value(
            Annotation.drainPaths,
            "absolute Alluxio paths, separated by commas, without *, ?, backslashes and control characters, and without \".\" or \"..\" as a part",
            policy.paths, bytesMax: DrainPolicy.maximumPaths * (DrainPolicy.maximumPathBytes + 1),
            DrainPolicyReader.paths)
        policy.pausedReason = value(
            Annotation.paused, "true, or true and a reason (true: disks are being changed), or false",
            policy.pausedReason, DrainPolicyReader.pause)
        policy.skipped = value(
            Annotation.skipDrain, "a pod's uid, a colon and a reason; several separated by semicolons", policy.skipped,
            DrainPolicyReader.skipped)
    }

    private mutating func value<Value>(
        _ name: String, _ allowed: @autoclosure () -> String, _ fallback: Value, bytesMax: Int = 4096,
        _ read: (String) -> Value?
    ) -> Value {
        guard let text = annotations[name] else { return fallback }
        // Anybody may write 256 KiB of accents there, and comparing such texts takes time by the square of their length.
        if text.utf8.count <= bytesMax, let value = read(text) { return value }
        problems.append(DrainPolicy.Problem(annotation: name, seen: text, allowed: allowed()))
        return fallback
    }

    private mutating func choice<Choice: RawRepresentable & CaseIterable>(
        _ name: String, _ fallback: Choice
    ) -> Choice where Choice.RawValue == String {
        value(name, DrainPolicyReader.alternatives(Choice.self), fallback) { Choice(rawValue: $0) }
    }

    /// The values of a choice in words: `Free, Decommission, Auto or None`.
    static func alternatives<Choice: RawRepresentable & CaseIterable>(_ type: Choice.Type) -> String
    where Choice.RawValue == String {
        let names = type.allCases.map(\.rawValue)
        return "\(names.dropLast().joined(separator: ", ")) or \(names.last ?? "")"
    }

    private static func duration(_ text: String, from least: Int64) -> Int64? {
        guard let milliseconds = DurationText.milliseconds(text), milliseconds >= least,
            milliseconds <= DrainPolicy.maximumMilliseconds
        else { return nil }
        return milliseconds
    }

    private static func paths(_ text: String) -> [String]? {
        let parts = text.utf8.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
        guard parts.count <= DrainPolicy.maximumPaths else { return nil }
        var paths: [String] = []
        for part in parts {
            guard part.count <= DrainPolicy.maximumPathBytes, let path = path(String(Substring(part))) else {
                return nil
            }
            if !paths.contains(where: { $0.utf8.elementsEqual(path.utf8) }) { paths.append(path) }
        }
        return paths
    }

    /// A path as it may be given to the `alluxio` command, without a slash at its end.
    private static func path(_ text: String) -> String? {
        guard text.utf8.first == UInt8(ascii: "/") else { return nil }
        let path =
            "/" + text.utf8.split(separator: UInt8(ascii: "/")).map { String(Substring($0)) }.joined(separator: "/")
        return AlluxioPath(path).isPassable ? path : nil
    }

    /// `uid: reason`, several separated by `;`: a word without a reason is none.
    private static func skipped(_ text: String) -> [String: String]? {
        var result: [String: String] = [:]
        for part in text.split(separator: ";") {
            let halves = part.split(separator: ":", maxSplits: 1).map { String($0).trimmed }
            guard halves.count == 2, !halves[0].isEmpty, !halves[1].isEmpty else { return nil }
            result[halves[0]] = String(halves[1].prefix(200))
        }
        return result.isEmpty || result.count > DrainPolicy.maximumSkipped ? nil : result
    }

    /// `true` alone, or followed by a reason; `false` is as good as no annotation.
    private static func pause(_ text: String) -> String?? {
        if text == "false" { return .some(nil) }
        guard text.hasPrefix("true") else { return nil }
        let rest = text.dropFirst(4)
        guard let separator = rest.first else { return .some("") }
        guard separator == ":" || separator == "," || separator == ";" || separator == " " else { return nil }
        return .some(String(rest.drop { $0 == ":" || $0 == "," || $0 == ";" || $0 == " " }))
    }
}

/// Durations as people write them in annotations and settings: `10m`, `60s`, `1h30m`, `500ms`.
public enum DurationText {
    /// Reads a duration, in milliseconds: whole numbers, each with `h`, `m`, `s` or `ms`, the larger units first.
    ///
    /// Nil for anything else, such as a number without a unit, a fraction, a sign, or more than 2147483647 of a unit.
    public static func milliseconds(_ text: String) -> Int64? {
        var rest = text.utf8[...]
        var total: Int64 = 0
        var smallestSoFar = Int64.max
        guard !rest.isEmpty else { return nil }
        while !rest.isEmpty {
            let digits = rest.prefix { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }
            guard let number = wholeNumber(Substring(digits)) else { return nil }
            rest = rest.dropFirst(digits.count)
            let letters = rest.prefix { $0 >= UInt8(ascii: "a") && $0 <= UInt8(ascii: "z") }
            guard let unit = unit(String(Substring(letters))), unit < smallestSoFar else { return nil }
            rest = rest.dropFirst(letters.count)
            smallestSoFar = unit
            // At most 2^31 of 3,600,000 ms, four times: far from the end of Int64.
            total += number * unit
        }
        return total
    }

    /// Writes a duration of 0 or more, in milliseconds: `1h30m`, `60s` as `1m`, 0 as `0s`.
    public static func written(milliseconds: Int64) -> String {
        var rest = max(milliseconds, 0)
        var text = ""
        for (name, unit) in [("h", Int64(3_600_000)), ("m", 60_000), ("s", 1_000), ("ms", 1)] where rest >= unit {
            text += "\(rest / unit)\(name)"
            rest %= unit
        }
        return text.isEmpty ? "0s" : text
    }

    private static func unit(_ name: String) -> Int64? {
        switch name {
        case "h": 3_600_000
        case "m": 60_000
        case "s": 1_000
        case "ms": 1
        default: nil
        }
    }
}
