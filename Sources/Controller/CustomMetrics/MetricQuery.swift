/// What a request of `custom.metrics.k8s.io` asks for.
struct MetricQuery: Sendable, Hashable {
    /// The versions that are served, the one that a client should take first.
    enum Version: String, Sendable, Hashable, CaseIterable {
        case v1beta1, v1beta2
    }

    /// What can have a figure.
    enum Resource: String, Sendable, Hashable, CaseIterable {
        case pods
        case datasets = "datasets.data.fluid.io"
        case runtimes = "alluxioruntimes.data.fluid.io"

        /// The kind of the objects, and its version.
        var object: (kind: String, apiVersion: String) {
            switch self {
            case .pods: ("Pod", "v1")
            case .datasets: ("Dataset", "data.fluid.io/v1alpha1")
            case .runtimes: ("AlluxioRuntime", "data.fluid.io/v1alpha1")
            }
        }
    }

    var version: Version
    var namespace: String
    /// As asked: another one than those of `Resource` has no figures.
    var resource: String
    /// The object's name, or `*` for all that the selector takes.
    var name: String
    /// As asked: another one than those of `CacheMetric` is not there.
    var metric: String
    var labelSelector: LabelSelector
    /// Which labels the metric's series has to have.
    var metricLabelSelector: LabelSelector
}

/// Where a request of the API group leads.
enum MetricRoute: Sendable, Hashable {
    /// The group's own document.
    case group
    /// The list of what a version has.
    case version(MetricQuery.Version)
    /// Figures.
    case query(MetricQuery)
    /// Nothing is there.
    case nothing
    /// The query can't be read, and why.
    case unreadable(String)

    /// The path of the group.
    static let prefix = "/apis/custom.metrics.k8s.io"
    /// The most bytes of a target that are read.
    static let targetBytesMax = 8 << 10

    /// Reads path and query as they are on the wire.
    init(_ target: String) {
        guard target.utf8.count <= Self.targetBytesMax else {
            self = .unreadable("the request line is too long")
            return
        }
        let halves = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        var parts = halves[0].split(separator: "/", omittingEmptySubsequences: true).map { PercentDecoding.text($0) }
        guard parts.prefix(2) == ["apis", "custom.metrics.k8s.io"] else {
            self = .nothing
            return
        }
        parts.removeFirst(2)
        guard let first = parts.first else {
            self = .group
            return
        }
        guard let version = first.flatMap(MetricQuery.Version.init) else {
            self = .nothing
            return
        }
        let words = parts.compactMap(\.self)
        guard words.count == parts.count else {
            self = .unreadable("the path is not percent-encoded")
            return
        }
        switch words.count {
        case 1: self = .version(version)
        case 6 where words[1] == "namespaces":
            let query = halves.count > 1 ? halves[1] : ""
            guard let selector = Self.selector("labelSelector", query) else {
                self = .unreadable("the labelSelector can't be read")
                return
            }
            guard let metricSelector = Self.selector("metricLabelSelector", query) else {
                self = .unreadable("the metricLabelSelector can't be read")
                return
            }
            self = .query(
                MetricQuery(
                    version: version, namespace: words[2], resource: words[3], name: words[4], metric: words[5],
                    labelSelector: selector, metricLabelSelector: metricSelector))
        default: self = .nothing
        }
    }

    /// The selector of this name in a query; nil if it can't be read.
    private static func selector(_ name: String, _ query: Substring) -> LabelSelector? {
        for item in query.split(separator: "&") {
            let halves = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard PercentDecoding.text(halves[0], plusIsSpace: true) == name else { continue }
            return PercentDecoding.text(halves.count > 1 ? halves[1] : "", plusIsSpace: true).flatMap {
                LabelSelector($0)
            }
        }
        return .everything
    }
}

/// Percent-decoding (RFC 3986, section 2.1).
enum PercentDecoding {
    /// The text; nil where a `%` is not followed by two hexadecimal digits, or the bytes are no UTF-8.
    static func text(_ encoded: Substring, plusIsSpace: Bool = false) -> String? {
        var bytes: [UInt8] = []
        var rest = encoded.utf8[...]
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "%"):
                guard let high = rest.popFirst().flatMap(digit), let low = rest.popFirst().flatMap(digit) else {
                    return nil
                }
                bytes.append(high << 4 | low)
            case UInt8(ascii: "+") where plusIsSpace: bytes.append(UInt8(ascii: " "))
            default: bytes.append(byte)
            }
        }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
