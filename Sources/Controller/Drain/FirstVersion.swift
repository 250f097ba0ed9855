internal import Kubernetes
internal import Rules
internal import Wire

/// What the first version kept of a drain, as an annotation on the worker set: read once, and then removed.
enum FirstVersion {
    /// The longest text that is read: annotations of an object have 256 KiB together.
    private static let bytesMax = 256 << 10

    /// A machine that takes over what has to be undone, and begins anew else; nil if there is nothing.
    ///
    /// Pins that were taken off are for a person to put back, who is told so.
    static func machine(_ set: WorkerSet?, now: Duration) -> (machine: DrainMachine, notice: DrainNotice?)? {
        guard let set, let text = set.meta.annotations[Annotation.firstDrainRecord] else { return nil }
        var parser = JSONParser(bytesMax: bytesMax, depthMax: 8)
        // What can't be read has nothing that could be undone by it.
        guard let value = try? parser.parse(Array(text.utf8)), value["workerSet"]?.string == set.meta.uid else {
            return nil
        }
        var ledger = DrainLedger()
        ledger.runtimeUID = value["runtime"]?.string ?? ""
        ledger.workerSetUID = set.meta.uid
        for entry in value["undo"].map({ Array($0.elements) }) ?? [] {
            guard let name = entry["name"]?.string, let uid = entry["uid"]?.string, let host = entry["host"]?.string,
                let port = entry["webPort"]?.int64.flatMap({ Int(exactly: $0) })
            else { continue }
            ledger.outOfService.append(OutOfService(name: name, uid: uid, host: host, webPort: port))
        }
        ledger.places = Set((value["ranIn"].map { Array($0.elements) } ?? []).compactMap(\.string))
        // Whatever state it was in: undo first, and then drain from the beginning if that is still wanted.
        let record = DrainRecord(state: .coolingDown, plan: nil, ledger: ledger, cooled: .seconds(7 * 24 * 3600))
        let pins = (value["repin"].map { Array($0.elements) } ?? []).compactMap(\.string)
        let notice = DrainNotice(
            .compromised,
            "An earlier version of Sluice took pins off; pin again (alluxio fs pin): "
                + pins.prefix(20).joined(separator: ", ") + (pins.count > 20 ? " and \(pins.count - 20) more" : ""))
        return (DrainMachine(record, now: now), pins.isEmpty ? nil : notice)
    }
}
