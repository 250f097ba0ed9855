/// A review that somebody makes large in one place, to see what it costs.
public struct WorstCase: Sendable {
    /// A stretch of the body.
    public enum Part: Sendable {
        /// Written as it is.
        case text(String)
        /// Written again and again, with the number of the time, until this part of the whole is used up.
        case repeated(share: Double, @Sendable (Int) -> String)
    }

    /// What is large, in one word.
    public let name: String
    /// The path that it is sent to.
    public let path: String
    private let parts: [Part]

    init(_ name: String, path: String = "/validate", _ parts: [Part]) {
        self.name = name
        self.path = path
        self.parts = parts
    }

    /// The body, of about so many bytes.
    public func body(bytes: Int) -> [UInt8] {
        var body: [UInt8] = []
        body.reserveCapacity(bytes + 4096)
        for part in parts {
            switch part {
            case .text(let text): body += text.utf8
            case .repeated(let share, let unit):
                let end = body.count + Int(Double(bytes) * share)
                var count = 0
                while body.count < end {
                    body += unit(count).utf8
                    count += 1
                }
            }
        }
        return body
    }
}

/// The frame of a review around one object, or two.
enum Frame {
    static func request(
        _ operation: String, _ group: String, _ version: String, _ plural: String, _ kind: String,
        subresource: String = "", name: String = "hbase", rest: [WorstCase.Part]
    ) -> [WorstCase.Part] {
        let head = """
            {"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":"u","operation":"\(operation)",\
            "kind":{"group":"\(group)","version":"\(version)","kind":"\(kind)"},\
            "resource":{"group":"\(group)","version":"\(version)","resource":"\(plural)"},\
            "subResource":"\(subresource)","name":"\(name)","namespace":"default","userInfo":{"username":"admin"}
            """
        return [.text(head)] + rest + [.text("}}")]
    }

    /// An AlluxioRuntime: what stands in its metadata, and what in its spec, each behind a comma.
    static func runtime(metadata: [WorstCase.Part] = [], spec: [WorstCase.Part] = []) -> [WorstCase.Part] {
        [
            .text(
                """
                {"apiVersion":"data.fluid.io/v1alpha1","kind":"AlluxioRuntime",\
                "metadata":{"name":"hbase","namespace":"default"
                """)
        ] + metadata + [.text(#"},"spec":{"replicas":1"#)] + spec + [.text("}}")]
    }

    /// A HorizontalPodAutoscaler for the runtime `hbase`.
    static func autoscaler(metadata: [WorstCase.Part] = [], spec: [WorstCase.Part] = []) -> [WorstCase.Part] {
        [
            .text(
                """
                {"apiVersion":"autoscaling/v2","kind":"HorizontalPodAutoscaler",\
                "metadata":{"name":"hbase","namespace":"default"
                """)
        ] + metadata + [
            .text(
                """
                },"spec":{"scaleTargetRef":{"apiVersion":"data.fluid.io/v1alpha1","kind":"AlluxioRuntime","name":"hbase"},\
                "minReplicas":1,"maxReplicas":3
                """)
        ] + spec + [.text("}}")]
    }

    static func created(_ object: [WorstCase.Part]) -> [WorstCase.Part] {
        request(
            "CREATE", "data.fluid.io", "v1alpha1", "alluxioruntimes", "AlluxioRuntime",
            rest: [.text(#","object":"#)] + object)
    }

    static func updated(_ old: [WorstCase.Part], _ new: [WorstCase.Part]) -> [WorstCase.Part] {
        request(
            "UPDATE", "data.fluid.io", "v1alpha1", "alluxioruntimes", "AlluxioRuntime",
            rest: [.text(#","oldObject":"#)] + old + [.text(#","object":"#)] + new)
    }

    static func createdAutoscaler(_ object: [WorstCase.Part]) -> [WorstCase.Part] {
        request(
            "CREATE", "autoscaling", "v2", "horizontalpodautoscalers", "HorizontalPodAutoscaler",
            rest: [.text(#","object":"#)] + object)
    }

    static func updatedAutoscaler(_ old: [WorstCase.Part], _ new: [WorstCase.Part]) -> [WorstCase.Part] {
        request(
            "UPDATE", "autoscaling", "v2", "horizontalpodautoscalers", "HorizontalPodAutoscaler",
            rest: [.text(#","oldObject":"#)] + old + [.text(#","object":"#)] + new)
    }

    /// A member that holds a list or an object of repeated units, behind a comma.
    static func member(
        _ name: String, _ open: String, share: Double = 1, _ close: String, _ unit: @escaping @Sendable (Int) -> String
    ) -> [WorstCase.Part] {
        [.text(",\"\(name)\":\(open)"), .repeated(share: share) { ($0 == 0 ? "" : ",") + unit($0) }, .text(close)]
    }

    /// A member with one long text, behind a comma.
    static func text(_ name: String, share: Double = 1, _ unit: String) -> [WorstCase.Part] {
        [.text(",\"\(name)\":\""), .repeated(share: share) { _ in unit }, .text("\"")]
    }
}
