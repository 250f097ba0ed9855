import Kubernetes
import Wire

/// The selectors of a list or watch.
struct SimSelection {
    private var labels: [(name: String, value: String)] = []
    private var fields: [(name: String, value: String)] = []

    init(_ query: [APIRequest.QueryItem]) {
        for item in query where item.name == "labelSelector" { labels = Self.pairs(item.value) }
        for item in query where item.name == "fieldSelector" { fields = Self.pairs(item.value) }
    }

    init(labels: [String: String]) {
        self.labels = labels.map { ($0.key, $0.value) }
    }

    private static func pairs(_ text: String) -> [(name: String, value: String)] {
        text.split(separator: ",").map { part in
            let halves = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let value = halves.count > 1 ? halves[1].drop { $0 == "=" } : ""
            return (String(halves[0]), String(value))
        }
    }

    func matches(_ object: JSON) -> Bool {
        if !labels.isEmpty {
            let found = object.at("metadata", "labels") ?? [:]
            guard labels.allSatisfy({ found[$0.name]?.string == $0.value }) else { return false }
        }
        return fields.allSatisfy { field in
            var value: JSON? = object
            for name in field.name.split(separator: ".") { value = value?[String(name)] }
            return value?.string == field.value
        }
    }
}
