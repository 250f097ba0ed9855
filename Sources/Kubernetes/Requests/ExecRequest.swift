/// A command to run in a container, without input and without a terminal.
public struct ExecRequest: Sendable, Hashable {
    /// The pod's namespace.
    public var namespace: String
    /// The pod.
    public var pod: String
    /// The container.
    public var container: String
    /// The argument vector; no shell is between.
    public var command: [String]
    /// How long it may run; when we give up, the command itself goes on in the container.
    public var timeout: Duration
    /// The most bytes kept of standard output and of standard error, each; what comes after is dropped.
    public var outputBytesMax: Int

    /// The default of `outputBytesMax`.
    public static let defaultOutputBytesMax = 1 << 20

    /// Makes a request.
    public init(
        namespace: String, pod: String, container: String, command: [String], timeout: Duration,
        outputBytesMax: Int = defaultOutputBytesMax
    ) {
        self.namespace = namespace
        self.pod = pod
        self.container = container
        self.command = command
        self.timeout = timeout
        self.outputBytesMax = outputBytesMax
    }

    /// The path of the WebSocket handshake, percent-encoded.
    public var path: String { APIRequest.path(.pods, namespace: namespace, name: pod, subresource: "exec") }

    /// Path and query of the WebSocket handshake, a GET.
    public var target: String {
        var request = APIRequest(.get, path: path)
        request.query = command.map { APIRequest.QueryItem("command", $0) }
        request.query += [
            APIRequest.QueryItem("container", container), APIRequest.QueryItem("stdout", "true"),
            APIRequest.QueryItem("stderr", "true"),
        ]
        return request.target
    }

    /// The subprotocols to offer, the better one first; offering v5 alone is answered with 403 by Kubernetes 1.20.
    public static let subprotocols = ["v5.channel.k8s.io", "v4.channel.k8s.io"]
}

/// What a command left.
public struct ExecResult: Sendable, Hashable {
    /// The exit status, 0 to 255.
    public var exitCode: Int32
    /// What it wrote to standard output, at most `outputBytesMax`.
    public var standardOutput: [UInt8]
    /// What it wrote to standard error, at most `outputBytesMax`.
    public var standardError: [UInt8]
    /// Whether output was dropped.
    public var isTruncated: Bool

    /// Makes a result.
    public init(
        exitCode: Int32, standardOutput: [UInt8] = [], standardError: [UInt8] = [], isTruncated: Bool = false
    ) {
        self.exitCode = exitCode
        self.standardOutput = standardOutput
        self.standardError = standardError
        self.isTruncated = isTruncated
    }
}
