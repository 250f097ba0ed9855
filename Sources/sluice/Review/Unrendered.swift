/// Files that have to go through another tool before they are manifests.
enum Unrendered {
    /// Whether a text has the marks of a Helm template.
    static func isTemplate(_ bytes: [UInt8]) -> Bool {
        zip(bytes, bytes.dropFirst()).contains { $0 == UInt8(ascii: "{") && $1 == UInt8(ascii: "{") }
    }

    /// What is said of a template.
    static func template(_ path: String, line: Int) -> String {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        let chart = parts.lastIndex(of: "templates").map { parts[..<$0].joined(separator: "/") } ?? ""
        return
            "\(OneLine.text(path)):\(line): looks like a Helm template that was not rendered; pipe what Helm makes of "
            + "it: helm template \(chart.isEmpty ? "CHART" : OneLine.text(chart)) | sluice review -"
    }

    /// What is said of a folder that is a chart.
    static func chart(_ folder: String) -> String {
        "\(OneLine.text(folder)): a Helm chart, its templates are left out; what it makes is reviewed by: helm template "
            + "\(OneLine.text(folder)) | sluice review -"
    }
}
