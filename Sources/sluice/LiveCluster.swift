internal import Glibc
internal import Kubernetes
internal import Transport
internal import Wire

/// A real API server, over one connection for all requests and watches, and one more for each exec.
final class LiveCluster: Cluster {
    private let client: Client
    /// What the server's URL has behind the host, without a slash at its end; usually empty.
    private let basePath: String
    private let tokens: LiveClusterTokens
    private let userAgent: String

    /// Makes a cluster on a client, which connects when it is first used.
    init(client: Client, basePath: String = "", tokens: LiveClusterTokens, userAgent: String) {
        self.client = client
        self.basePath = basePath
        self.tokens = tokens
        self.userAgent = userAgent
    }

    func send(_ request: APIRequest) async throws(ClusterError) -> APIResponse {
        try check(request.path)
        let response = try await withToken { token async throws(ClientError) in
            try await client.send(
                http(request, token), timeout: request.timeout, bodyBytesMax: request.responseBytesMax)
        } isUnauthorized: {
            $0.status == 401
        }
        return try answer(HTTPResponseHead(status: response.status, headers: response.headers), response.body)
    }

    func watch(
        _ request: APIRequest, idleLimit: Duration, receive: ([UInt8]) throws(ClusterError) -> Void
    ) async throws(ClusterError) {
        try check(request.path)
        let stream = try await withToken { token async throws(ClientError) in
            try await client.open(http(request, token), timeout: request.timeout, idleLimit: idleLimit)
        } isUnauthorized: {
            $0.head.status == 401
        }
        defer { stream.cancel() }
        guard (200..<300).contains(stream.head.status) else { return try await refuse(stream, request) }
        while let bytes = try await next(of: stream) { try receive(bytes) }
    }

    private func refuse(_ stream: ClientStream, _ request: APIRequest) async throws(ClusterError) {
        var body: [UInt8] = []
        while let bytes = try await next(of: stream) {
            body += bytes
            guard body.count <= request.responseBytesMax else { throw .tooLarge(bytesMax: request.responseBytesMax) }
        }
        _ = try answer(stream.head, body)
    }

    private func next(of stream: ClientStream) async throws(ClusterError) -> [UInt8]? {
        do throws(ClientError) { return try await stream.next() } catch { throw ClusterError(error) }
    }

    func exec(_ request: ExecRequest) async throws(ClusterError) -> ExecResult {
        try check(request.path)
        let outcome = try await withToken { token async throws(ClientError) -> Result<ClientExecResult, ClientError> in
            do throws(ClientError) {
                return .success(
                    try await client.exec(
                        target: basePath + request.target, headers: fields(token, accept: "*/*"),
                        subprotocols: ExecRequest.subprotocols, timeout: request.timeout,
                        outputBytesMax: request.outputBytesMax))
            } catch .refused(let head, let body) {
                return .failure(.refused(head, body: body))
            }
        } isUnauthorized: {
            if case .failure(.refused(let head, _)) = $0 { head.status == 401 } else { false }
        }
        let result: ClientExecResult
        do throws(ClientError) { result = try outcome.get() } catch { throw ClusterError(error) }
        switch result.status {
        case .exited(let code):
            return ExecResult(
                exitCode: code, standardOutput: result.standardOutput, standardError: result.standardError,
                isTruncated: result.isTruncated)
        case .failed(let reason, let message):
            // The API server accepted the exec, and the node could not run it or does not know how it ended.
            throw .status(APIStatus(code: 500, reason: reason, message: message))
        }
    }

    func connect(
        to port: PodPort, by route: PodPort.Route, timeout: Duration
    ) async throws(ClusterError) -> any ByteStream {
        switch route {
        case .direct:
            guard !port.address.isEmpty else { throw .transport("\(port.pod) has no address") }
            do throws(ClientError) {
                let endpoint = ClientEndpoint(host: port.address, port: port.port)
                return LiveByteStream(stream: try await client.connect(to: endpoint, timeout: timeout))
            } catch {
                throw ClusterError(error)
            }
        case .portForward: return try await portForward(port, timeout)
        }
    }

    private func portForward(_ port: PodPort, _ timeout: Duration) async throws(ClusterError) -> LiveByteStream {
        try check(port.request.path)
        let outcome = try await withToken { token async throws(ClientError) -> Result<ClientByteStream, ClientError> in
            do throws(ClientError) {
                return .success(
                    try await client.portForward(
                        target: basePath + port.request.target, headers: fields(token, accept: "*/*"), timeout: timeout)
                )
            } catch .refused(let head, let body) {
                return .failure(.refused(head, body: body))
            }
        } isUnauthorized: {
            if case .failure(.refused(let head, _)) = $0 { head.status == 401 } else { false }
        }
        do throws(ClientError) { return LiveByteStream(stream: try outcome.get()) } catch { throw ClusterError(error) }
    }

    func wallClockMilliseconds() -> Int64 {
        var time = timespec()
        _ = unsafe clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }

    func monotonicTime() -> Duration { .nanoseconds(MonotonicTime.current().nanoseconds) }

    func sleep(for duration: Duration) async throws(ClusterError) {
        do { try await Task.sleep(for: duration) } catch { throw .cancelled }
    }

    // MARK: Requests and answers

    /// Sends nothing that could reach another object than it names.
    private func check(_ path: String) throws(ClusterError) {
        if let problem = APIRequest.problem(inPath: path) { throw .transport("not sent: \(problem)") }
    }

    /// Sends with the current token, and once more where that is refused and there is a newer one: a refused token
    /// did nothing.
    private func withToken<Answer>(
        _ send: (String?) async throws(ClientError) -> Answer, isUnauthorized: (Answer) -> Bool
    ) async throws(ClusterError) -> Answer {
        let token = tokens.current()
        do throws(ClientError) {
            let first = try await send(token)
            guard isUnauthorized(first), let newer = tokens.refreshed(after: token) else { return first }
            return try await send(newer)
        } catch {
            throw ClusterError(error)
        }
    }

    private func http(_ request: APIRequest, _ token: String?) -> HTTPRequest {
        var headers = fields(token)
        if let contentType = request.contentType { headers.append(HTTPField("content-type", contentType)) }
        return HTTPRequest(
            method: request.method.rawValue, target: basePath + request.target, headers: headers, body: request.body)
    }

    /// The fields of every request; an exec that accepts JSON only is answered with 406 (seen on 1.20).
    private func fields(_ token: String?, accept: String = "application/json") -> [HTTPField] {
        var fields = [HTTPField("user-agent", userAgent), HTTPField("accept", accept)]
        if let token { fields.append(HTTPField("authorization", "Bearer " + token)) }
        return fields
    }

    private func answer(_ head: HTTPResponseHead, _ body: [UInt8]) throws(ClusterError) -> APIResponse {
        let response = APIResponse(head, body)
        guard (200..<300).contains(head.status) else { throw .status(APIStatus(response)) }
        return response
    }
}

extension APIResponse {
    fileprivate init(_ head: HTTPResponseHead, _ body: [UInt8]) {
        self.init(
            status: head.status, body: body,
            retryAfterSeconds: head.firstValue(of: "retry-after").flatMap { Int64($0) })
    }
}

extension ClusterError {
    /// Says in the cluster's terms why there is no answer.
    init(_ error: ClientError) {
        self =
            switch error {
            case .timeout, .idle: .timeout
            case .tooLarge(let bytesMax): .tooLarge(bytesMax: bytesMax)
            case .cancelled: .cancelled
            case .refused(let head, let body): .status(APIStatus(APIResponse(head, body)))
            case .unreachable, .broken, .closed, .overloaded, .invalidRequest: .transport(error.description)
            }
    }
}
