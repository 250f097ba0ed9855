internal import Controller
internal import Kubernetes
internal import Rules
internal import Wire

/// The outputs of `sluice status`.
enum StatusOutput {
    /// A row for each runtime and each leaving worker; what blocks stands below.
    static func table(_ runtimes: [RuntimeStatus]) -> String {
        guard !runtimes.isEmpty else { return "there are no AlluxioRuntimes\n" }
        var table = TextTable(
            "RUNTIME", "WANTED", "PRESENT", "STATE", "FOR", "LEAVING", "FILES", "LEFT", "RATE", "TIME LEFT")
        for runtime in runtimes {
            let workers = runtime.drain?.workers ?? []
            table.add(first(runtime, workers.first))
            for worker in workers.dropFirst() {
                table.add(["", "", "", "", ""] + cells(worker))
            }
            for remark in runtime.remarks { table.add(remark: remark) }
        }
        return table.text
    }

    private static func first(_ runtime: RuntimeStatus, _ worker: DrainReport.Worker?) -> [String] {
        let drain = runtime.drain
        var row = ["\(runtime.key.namespace)/\(runtime.key.name)"]
        row.append(runtime.wanted.map(String.init) ?? "-")
        row.append(runtime.present.map(String.init) ?? "-")
        row.append(runtime.state)
        row.append(drain.map { $0.state == .idle ? "-" : TextTable.seconds($0.seconds) } ?? "-")
        row += worker.map(cells) ?? ["-", "-", "-"]
        row.append(drain?.bytesPerSecond.map { TextTable.bytes($0) + "/s" } ?? "-")
        row.append(drain?.secondsLeft.map(TextTable.seconds) ?? "-")
        return row
    }

    private static func cells(_ worker: DrainReport.Worker) -> [String] {
        [worker.name, worker.files.map(String.init) ?? "?", worker.bytes.map { TextTable.bytes(Double($0)) } ?? "?"]
    }

    /// One document in one line.
    static func json(_ runtimes: [RuntimeStatus]) -> String {
        let document: JSON = ["runtimes": .array(runtimes.map(\.json))]
        return String(decoding: document.encoded(), as: UTF8.self) + "\n"
    }
}
