import Foundation

/// `sluice serve --no-cluster --self-signed`: answers by hand-written reviews, needs nothing of the machine.
actor Alone {
    static let shared = Alone()

    private var loaded: Result<Loaded, any Error>?

    struct Loaded: Sendable {
        let folder: TemporaryFolder
        let sluice: SluiceProcess
        var authority: String { folder.file("certs/ca.crt") }
    }

    /// The one that the tests share; a failure to start stays a failure.
    func load() async throws -> Loaded {
        if let loaded { return try loaded.get() }
        let result: Result<Loaded, any Error>
        do { result = .success(try await Alone.start()) } catch { result = .failure(error) }
        loaded = result
        return try result.get()
    }

    /// One of its own, for a test that ends it.
    static func start(_ options: [String] = []) async throws -> Loaded {
        let folder = try TemporaryFolder()
        guard FileManager.default.isExecutableFile(atPath: SluiceProcess.binary) else {
            throw Trouble("\(SluiceProcess.binary) is missing: swift build --product sluice")
        }
        let sluice = try SluiceProcess(
            folder: folder, ["--no-cluster", "--self-signed", folder.file("certs")] + options)
        try await sluice.waitUntilReady()
        return Loaded(folder: folder, sluice: sluice)
    }
}

extension Alone.Loaded {
    /// Sends bytes as an API server would, unless told otherwise.
    func post(
        _ body: String, to path: String = "/validate", method: String = "POST", type: String? = "application/json",
        options: [String] = []
    ) throws -> Answer {
        try post(Data(body.utf8), to: path, method: method, type: type, options: options)
    }

    func post(
        _ body: Data, to path: String = "/validate", method: String = "POST", type: String? = "application/json",
        options: [String] = []
    ) throws -> Answer {
        let files = try TemporaryFolder()
        defer { files.remove() }
        try body.write(to: files.url("body"))
        var words = [
            "curl", "--silent", "--show-error", "--noproxy", "*", "--max-time", "20", "--http1.1", "--request", method,
            "--cacert", authority, "--dump-header", files.file("head"), "--data-binary", "@\(files.file("body"))",
            "--header", "Content-Type:" + (type.map { " " + $0 } ?? ""),
        ]
        words += options + [sluice.url + path]
        let ran = try Command(words: words, limitSeconds: 30).run()
        guard ran.succeeded else { throw Trouble("curl \(path): \(ran)") }
        return Answer(head: try files.text("head"), body: ran.output)
    }

    /// A connection of its own: writes bytes, and returns what came until the other side closed.
    func raw(_ text: String) throws -> Outcome {
        try Command(
            words: [
                "openssl", "s_client", "-quiet", "-alpn", "http/1.1", "-CAfile", authority, "-connect",
                "\(sluice.host):\(sluice.port)",
            ], input: text, limitSeconds: 20
        ).run()
    }
}

/// A review as an API server sends it.
func review(
    _ kind: Kind, _ operation: String, _ object: [String: Any]?, old: [String: Any]? = nil, subresource: String? = nil,
    version: String = "v1", user: String = "someone", dryRun: Bool = false
) -> [String: Any] {
    let parts = kind.groupVersion.split(separator: "/").map(String.init)
    let names = [
        "alluxioruntimes": "AlluxioRuntime", "datasets": "Dataset",
        "horizontalpodautoscalers": "HorizontalPodAutoscaler",
        "statefulsets": "StatefulSet",
    ]
    let kindObject = ["group": parts[0], "version": parts[1], "kind": names[kind.plural] ?? ""]
    let resource = ["group": parts[0], "version": parts[1], "resource": kind.plural]
    var request: [String: Any] = [
        "uid": "00000000-0000-4000-8000-000000000001", "kind": kindObject, "resource": resource,
        "requestKind": kindObject, "requestResource": resource, "operation": operation, "namespace": "default",
        "name": JSON(object ?? old)["metadata"]["name"].string ?? "", "userInfo": ["username": user], "dryRun": dryRun,
        "object": object ?? NSNull() as Any, "oldObject": old ?? NSNull() as Any,
    ]
    if let subresource { request["subResource"] = subresource }
    return ["kind": "AdmissionReview", "apiVersion": "admission.k8s.io/\(version)", "request": request]
}
