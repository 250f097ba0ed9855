internal import Rules
internal import Wire

extension WorkerTraffic {
    /// Reads an answer of a worker's `/api/v1/worker/webui_metrics`; nil if it has no counters.
    ///
    /// A counter's name ends in parts of the worker's host name (`BlocksEvicted.10.0.0`). One that has counted nothing yet may
    /// be missing; those of the under storage are one for each mount and user, and are added up.
    init?(_ value: JSONValue) {
        guard let counters = value["operationMetrics"], counters.kind == .object else { return nil }
        self.init(evictedBlocks: 0, underStorageBytes: 0)
        for member in counters.members {
            guard let count = member.value["count"]?.int64, count >= 0 else { continue }
            // The first word of the name.
            switch member.name(bytesMax: 64).prefix(while: { $0 != "." }) {
            case "BlocksEvicted": evictedBlocks = Self.sum(evictedBlocks, count)
            case "BytesReadPerUfs": underStorageBytes = Self.sum(underStorageBytes, count)
            default: continue
            }
        }
    }

    /// What is too much for a number stays as much as a number holds.
    private static func sum(_ left: Int64, _ right: Int64) -> Int64 {
        let (sum, isOver) = left.addingReportingOverflow(right)
        return isOver ? .max : sum
    }
}
