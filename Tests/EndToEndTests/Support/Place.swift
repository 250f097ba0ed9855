import Foundation
import Testing

/// A kind of object, as its path in the API names it.
enum Kind: Sendable {
    case runtime
    case dataset
    case hpa(String)
    case statefulSet
    case scaledObject
    case cronHPA

    static let hpa = Kind.hpa(KubernetesVersion.newestAutoscaling)

    var groupVersion: String {
        switch self {
        case .runtime, .dataset: "data.fluid.io/v1alpha1"
        case .hpa(let version): "autoscaling/\(version)"
        case .statefulSet: "apps/v1"
        case .scaledObject: "keda.sh/v1alpha1"
        case .cronHPA: "autoscaling.alibabacloud.com/v1beta1"
        }
    }

    var plural: String {
        switch self {
        case .runtime: "alluxioruntimes"
        case .dataset: "datasets"
        case .hpa: "horizontalpodautoscalers"
        case .statefulSet: "statefulsets"
        case .scaledObject: "scaledobjects"
        case .cronHPA: "cronhorizontalpodautoscalers"
        }
    }
}

/// A namespace of its own for one test, and what a test does in there.
struct Place: Sendable {
    let world: World.Loaded
    let namespace: String

    var api: API { world.api }
    var sluice: SluiceProcess { world.sluice.current }

    func path(_ kind: Kind, _ name: String? = nil, _ subresource: String? = nil) -> String {
        (["/apis/\(kind.groupVersion)/namespaces/\(namespace)/\(kind.plural)", name, subresource] as [String?])
            .compactMap { $0 }.joined(separator: "/")
    }

    // MARK: as the wire has it

    func create(_ kind: Kind, _ object: [String: Any], dryRun: Bool = false) throws -> Answer {
        try api.send("POST", path(kind) + (dryRun ? "?dryRun=All" : ""), json(object))
    }
    func get(_ kind: Kind, _ name: String, _ subresource: String? = nil) throws -> JSON {
        try api.get(path(kind, name, subresource))
    }
    func exists(_ kind: Kind, _ name: String) throws -> Bool {
        let status = try api.send("GET", path(kind, name)).status
        guard status == 200 || status == 404 else { throw Trouble("GET \(name): \(status)") }
        return status == 200
    }
    /// Merge patch, as `kubectl patch --type=merge`; nil in the patch removes a field by `NSNull()`.
    func patch(
        _ kind: Kind, _ name: String, _ subresource: String?, _ change: [String: Any], dryRun: Bool = false,
        by user: String = "admin"
    ) throws -> Answer {
        var api = api
        api.user = user
        return try api.send(
            "PATCH", path(kind, name, subresource) + (dryRun ? "?dryRun=All" : ""), json(change), as: .merge)
    }
    func patch(
        _ kind: Kind, _ name: String, _ change: [String: Any], dryRun: Bool = false, by user: String = "admin"
    ) throws -> Answer {
        try patch(kind, name, nil, change, dryRun: dryRun, by: user)
    }
    /// JSON patch, of one operation.
    func remove(_ kind: Kind, _ name: String, _ pointer: String) throws -> Answer {
        try api.send("PATCH", path(kind, name), json([["op": "remove", "path": pointer]]), as: .patch)
    }
    /// Server-side apply.
    func apply(_ kind: Kind, _ object: [String: Any], manager: String = "tests") throws -> Answer {
        let name = JSON(object)["metadata"]["name"].string ?? ""
        return try api.send(
            "PATCH", path(kind, name) + "?fieldManager=\(manager)&force=true", json(object), as: .apply)
    }
    @discardableResult
    func delete(_ kind: Kind, _ name: String) throws -> Answer {
        try api.send("DELETE", path(kind, name))
    }
    /// The whole object back, changed, as `kubectl replace` and most controllers do.
    func replace(_ kind: Kind, _ name: String, _ change: (inout [String: Any]) -> Void) throws -> Answer {
        let text = try api.send("GET", path(kind, name)).body
        guard var object = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any] else {
            throw Trouble("\(name) is no object")
        }
        change(&object)
        return try api.send("PUT", path(kind, name), json(object))
    }
    /// `PUT` of the scale subresource, as the HPA controller and `kubectl scale` do.
    func scale(_ kind: Kind, _ name: String, to count: Int, dryRun: Bool = false, by user: String = "admin") throws
        -> Answer
    {
        var api = api
        api.user = user
        let scale: [String: Any] = [
            "apiVersion": "autoscaling/v1", "kind": "Scale", "metadata": ["name": name, "namespace": namespace],
            "spec": ["replicas": count],
        ]
        return try api.send("PUT", path(kind, name, "scale") + (dryRun ? "?dryRun=All" : ""), json(scale))
    }

    // MARK: by kubectl

    /// Runs kubectl in this namespace.
    func kubectl(_ words: String..., input: String = "") throws -> Outcome { try kubectl(words, input: input) }
    func kubectl(_ words: [String], input: String = "") throws -> Outcome {
        try Command(
            words: ["kubectl", "--namespace", namespace] + words, environment: world.environment, input: input
        ).run()
    }
    /// Client-side apply, which leaves `last-applied-configuration` behind.
    ///
    /// Without validation, as old and new clients differ.
    func kubectlApply(_ object: [String: Any]) throws -> Outcome {
        try kubectl("apply", "--validate=false", "-f", "-", input: json(object))
    }
}

/// Runs a test in a namespace of its own.
func inPlace(_ test: (Place) async throws -> Void) async throws {
    let world = try await World.shared.load()
    let name = "t-" + UUID().uuidString.lowercased().prefix(8)
    let namespace = ["apiVersion": "v1", "kind": "Namespace", "metadata": ["name": name]] as [String: Any]
    let created = try world.api.send("POST", "/api/v1/namespaces", json(namespace))
    guard created.succeeded else { throw Trouble("namespace: \(created)") }
    defer { _ = try? world.api.send("DELETE", "/api/v1/namespaces/\(name)") }
    try await test(Place(world: world, namespace: name))
}

/// The webhooks are away for as long as this runs: for objects that are older than Sluice.
func withoutWebhooks(_ place: Place, _ work: () throws -> Void) async throws {
    try place.register("nothing")
    // It takes the API server a moment to notice.
    try await eventually("no webhook is called") {
        try place.create(.runtime, runtime("probe"), dryRun: true).json["metadata"]["annotations"].isAbsent
    }
    let worked = Result { try work() }
    try place.register("webhooks", place.sluice.url, place.world.folder.file("certs/ca.crt"))
    try worked.get()
}

extension Place {
    func register(_ words: String...) throws {
        let outcome = try Command(
            words: [Repository.path("Tests/Cluster/register")] + words, environment: world.environment
        ).run()
        guard outcome.succeeded else { throw Trouble("register \(words): \(outcome)") }
    }
}

/// No Sluice answers for as long as this runs; the webhooks stay registered.
func withoutSluice(_ place: Place, _ work: () throws -> Void) async throws {
    place.sluice.kill(SIGKILL)
    _ = try await place.sluice.waitUntilEnded()
    let worked = Result { try work() }
    try await place.world.sluice.start()
    try worked.get()
}
