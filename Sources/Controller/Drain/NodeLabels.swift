/// The node labels by which Fluid up to 0.6 places workers.
enum NodeLabels {
    /// The labels to take from a node so that the worker of this runtime leaves it, sorted.
    ///
    /// Fluid 0.4: `data.fluid.io/storage-<ns>-<name>`, `data.fluid.io/storage-alluxio-<ns>-<name>`, and the capacities
    /// `data.fluid.io/storage-human-alluxio-{mem-,disk-,total-}<ns>-<name>`; 0.6: `fluid.io/s-…`. The common one is whatever
    /// the DaemonSet selects by. `fluid_exclusive` goes if it names this runtime, or says `true` and no other runtime's
    /// common label is on the node.
    static func placing(_ labels: [String: String], namespace: String, name: String, selector: [String: String])
        -> [String]
    {
        let suffix = "\(namespace)-\(name)"
        let own: Set<String> = [
            "data.fluid.io/storage-\(suffix)", "data.fluid.io/storage-alluxio-\(suffix)",
            "data.fluid.io/storage-human-alluxio-mem-\(suffix)", "data.fluid.io/storage-human-alluxio-disk-\(suffix)",
            "data.fluid.io/storage-human-alluxio-total-\(suffix)", "fluid.io/s-\(suffix)",
            "fluid.io/s-alluxio-\(suffix)",
            "fluid.io/s-h-alluxio-m-\(suffix)", "fluid.io/s-h-alluxio-d-\(suffix)", "fluid.io/s-h-alluxio-t-\(suffix)",
        ]
        var result = labels.keys.filter { own.contains($0) || selector[$0] == labels[$0] }
        let exclusive = labels["fluid_exclusive"]
        let isAlone = !labels.keys.contains { label in
            isCommon(label) && !own.contains(label) && selector[label] == nil
        }
        if exclusive == "\(namespace)_\(name)" || (exclusive == "true" && isAlone) {
            result.append("fluid_exclusive")
        }
        return result.sorted()
    }

    /// Whether this is the common label of some runtime.
    private static func isCommon(_ label: String) -> Bool {
        if let rest = label.dropPrefix("data.fluid.io/storage-") {
            return !rest.hasPrefix("alluxio-") && !rest.hasPrefix("human-")
        }
        if let rest = label.dropPrefix("fluid.io/s-") {
            return !rest.hasPrefix("alluxio-") && !rest.hasPrefix("h-")
        }
        return false
    }
}

extension String {
    fileprivate func dropPrefix(_ prefix: String) -> Substring? {
        hasPrefix(prefix) ? dropFirst(prefix.count) : nil
    }
}
