import Foundation
import Kubernetes
import Wire

/// An overlay of webhook-config as kustomize and `render` print it.
struct Rendered {
    static let folder = Repository.path("webhook-config/overlays")
    /// The names of all overlays, sorted.
    static let overlays = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
    static let isPossible = (try? Command(words: ["kubectl", "kustomize", "--help"]).run().succeeded) ?? false

    let text: String
    let objects: [JSON]

    /// Renders an overlay, or with `--rest` what of it is no webhook.
    init(_ overlay: String, _ part: String? = nil) throws {
        let render = Repository.path("webhook-config/render")
        let script = "kubectl kustomize \"$0\" | \"$1\" $2 -"
        let ran = try Command(
            words: ["bash", "-o", "pipefail", "-c", script, "\(Self.folder)/\(overlay)", render, part ?? ""]
        ).run()
        guard ran.succeeded else { throw Trouble("\(overlay): \(ran)") }
        text = ran.output
        objects = try YAMLReader.documents(Array(text.utf8)).map {
            try JSON(text: String(decoding: $0.json.encoded(), as: UTF8.self))
        }
    }

    /// The names of all objects of a kind, sorted.
    func names(_ kind: String) -> [String] {
        objects.filter { $0["kind"].string == kind }.compactMap { $0["metadata"]["name"].string }.sorted()
    }

    /// Every webhook by its name.
    var webhooks: [String: JSON] {
        var webhooks: [String: JSON] = [:]
        for webhook in objects.flatMap({ $0["webhooks"].array }) { webhooks[webhook["name"].string ?? ""] = webhook }
        return webhooks
    }
}
