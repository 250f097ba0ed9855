internal import Rules
internal import Synchronization

/// The process's measurements, kept in memory and rendered in Prometheus' text format.
///
/// Safe to use from any thread. What a metric means and which labels it has is fixed by `MetricFamily`.
/// Source of the format: prometheus.io, "Exposition formats", version 0.0.4.
public final class Metrics: Sendable {
    /// How many label combinations one family may have; further ones are counted under `other`.
    public static let seriesPerFamilyMax = 1_024
    /// The longest value of a label, in bytes; a longer one is cut.
    ///
    /// Namespaces have up to 63, runtimes that work up to 45.
    public static let labelBytesMax = 128
    /// What stands for every value that is none of a fixed few.
    public static let other = "other"

    private let series = Mutex<[MetricFamily: [[String]: MetricSeries]]>([:])

    /// Makes an empty registry.
    public init() {}

    /// Adds to a counter; `labels` are the values of the family's labels in their order.
    public func increment(_ family: MetricFamily, _ labels: [String] = [], by amount: Double = 1) {
        update(family, labels) { $0.value += amount }
    }

    /// Sets a gauge.
    public func set(_ family: MetricFamily, _ labels: [String] = [], to value: Double) {
        update(family, labels) { $0.value = value }
    }

    /// Adds one observation, in seconds, to a histogram.
    public func observe(_ family: MetricFamily, _ labels: [String] = [], seconds: Double) {
        update(family, labels) { series in
            series.value += seconds
            series.count += 1
            for (index, bound) in MetricFamily.bucketBounds.enumerated() where seconds <= bound {
                series.buckets[index] += 1
            }
        }
    }

    /// Removes one series, as of a drain that has ended.
    public func remove(_ family: MetricFamily, _ labels: [String]) {
        series.withLock { _ = $0[family]?.removeValue(forKey: Self.shown(labels)) }
    }

    /// The value of a counter or gauge, or the count of a histogram; nil if it was never touched.
    public func value(_ family: MetricFamily, _ labels: [String] = []) -> Double? {
        series.withLock { all in
            all[family]?[Self.shown(labels)].map { family.kind == .histogram ? Double($0.count) : $0.value }
        }
    }

    /// All families as Prometheus text, sorted by name and labels.
    public func render() -> [UInt8] {
        let all = series.withLock { $0 }
        var text = ""
        for family in MetricFamily.allCases.sorted(by: { $0.name < $1.name }) {
            guard let members = all[family], !members.isEmpty else { continue }
            text += "# HELP \(family.name) \(family.help)\n# TYPE \(family.name) \(family.kind.rawValue)\n"
            for (labels, series) in members.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
                series.render(family, labels, into: &text)
            }
        }
        return Array(text.utf8)
    }

    /// Label values as they are kept: printable, and not too long.
    private static func shown(_ labels: [String]) -> [String] {
        labels.map { printable($0, limit: labelBytesMax, keepsLines: true) }
    }

    private func update(_ family: MetricFamily, _ labels: [String], _ change: (inout MetricSeries) -> Void) {
        series.withLock { all in
            var labels = Self.shown(labels)
            if all[family]?[labels] == nil, all[family]?.count ?? 0 >= Self.seriesPerFamilyMax {
                labels = labels.map { _ in Self.other }
            }
            change(&all[family, default: [:]][labels, default: MetricSeries(family)])
        }
    }
}

/// One combination of label values.
struct MetricSeries: Sendable {
    /// The counter's or gauge's value; a histogram's sum in seconds.
    var value: Double = 0
    /// A histogram's number of observations.
    var count: UInt64 = 0
    /// A histogram's cumulative counts, one for each bound.
    var buckets: [UInt64]

    init(_ family: MetricFamily) {
        buckets = family.kind == .histogram ? Array(repeating: 0, count: MetricFamily.bucketBounds.count) : []
    }

    func render(_ family: MetricFamily, _ values: [String], into text: inout String) {
        let labels = zip(family.labels, values).map { "\($0)=\"\(Self.escape($1))\"" }
        func line(_ suffix: String, _ extra: [String], _ value: String) {
            let all = (labels + extra).joined(separator: ",")
            text += family.name + suffix + (all.isEmpty ? "" : "{\(all)}") + " \(value)\n"
        }
        guard family.kind == .histogram else { return line("", [], Self.format(value)) }
        for (bound, count) in zip(MetricFamily.bucketBounds, buckets) {
            line("_bucket", ["le=\"\(bound)\""], "\(count)")
        }
        line("_bucket", ["le=\"+Inf\""], "\(count)")
        line("_sum", [], Self.format(value))
        line("_count", [], "\(count)")
    }

    private static func format(_ value: Double) -> String {
        Int64(exactly: value).map { "\($0)" } ?? "\(value)"
    }

    private static func escape(_ value: String) -> String {
        var escaped = ""
        for character in value.unicodeScalars {
            switch character {
            case "\\": escaped += "\\\\"
            case "\"": escaped += "\\\""
            case "\n": escaped += "\\n"
            default: escaped.unicodeScalars.append(character)
            }
        }
        return escaped
    }
}
