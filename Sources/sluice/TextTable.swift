internal import Rules

/// A table in kubectl's manner, and the texts of its cells.
struct TextTable {
    /// The first row.
    let head: [String]
    private var rows: [Row] = []

    private enum Row {
        case cells([String])
        /// A line across, below the row that it is about.
        case remark(String)
    }

    init(_ head: String...) {
        self.head = head
    }

    mutating func add(_ cells: [String]) { rows.append(.cells(cells.map { printable($0) })) }
    mutating func add(remark: String) { rows.append(.remark(printable(remark))) }

    /// The table with its columns below each other, three blanks apart.
    var text: String {
        var widths = head.map(\.count)
        for case .cells(let cells) in rows {
            for (index, cell) in cells.enumerated() { widths[index] = max(widths[index], cell.count) }
        }
        var text = line(head, widths)
        for row in rows {
            switch row {
            case .cells(let cells): text += line(cells, widths)
            case .remark(let remark): text += "  " + remark + "\n"
            }
        }
        return text
    }

    private func line(_ cells: [String], _ widths: [Int]) -> String {
        var line = ""
        for (index, cell) in cells.enumerated() {
            line += cell
            let isLast = !cells[(index + 1)...].contains { !$0.isEmpty }
            if isLast { break }
            line += String(repeating: " ", count: widths[index] - cell.count + 3)
        }
        return line + "\n"
    }

    /// A count of bytes with three digits: `0B`, `812B`, `1.5KiB`, `64MiB`.
    static func bytes(_ count: Double) -> String {
        var rest = max(0, count)
        for unit in ["B", "KiB", "MiB", "GiB", "TiB"] {
            if rest < 1000 || unit == "TiB" {
                let tenths = (rest * 10).rounded()
                let isShort = unit == "B" || tenths >= 100 || tenths.truncatingRemainder(dividingBy: 10) == 0
                return isShort ? "\(whole(rest))\(unit)" : "\(whole(tenths / 10 - 0.5)).\(whole(tenths) % 10)\(unit)"
            }
            rest /= 1024
        }
        return ""
    }

    private static func whole(_ number: Double) -> Int64 { Int64(exactly: number.rounded()) ?? Int64.max }

    /// Seconds in the two largest units: `45s`, `10m3s`, `2h5m`, `3d4h`.
    static func seconds(_ seconds: Int64) -> String {
        let seconds = max(0, seconds)
        let units: [(String, Int64)] = [("d", 86400), ("h", 3600), ("m", 60), ("s", 1)]
        guard let first = units.firstIndex(where: { seconds >= $0.1 }) else { return "0s" }
        var text = ""
        var rest = seconds
        for (name, size) in units[first...].prefix(2) where rest >= size {
            text += "\(rest / size)\(name)"
            rest %= size
        }
        return text
    }
}
