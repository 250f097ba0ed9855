internal import Synchronization
internal import Transport
internal import Wire

/// Sends a canned review to our own TLS port now and then: being ready means that an answer comes back.
///
/// Where callers have to show a certificate, we have none that our own authority knows, so nothing is sent.
final class SelfCall: Sendable {
    private static let interval: Duration = .seconds(10)
    private static let intervalAfterFailure: Duration = .milliseconds(100)
    private static let timeout: Duration = .seconds(2)

    /// A review that no rule concerns.
    private static let review = """
        {"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":"self-call","operation":"CREATE",\
        "kind":{"group":"","version":"v1","kind":"ConfigMap"},\
        "resource":{"group":"","version":"v1","resource":"configmaps"},\
        "name":"self-call","namespace":"","userInfo":{"username":"sluice"},"object":{}}}
        """

    private let server: Server
    private let isPossible: Bool
    private let state: Mutex<String?>

    init(server: Server, settings: ServeSettings) {
        self.server = server
        isPossible = settings.clientCA == nil && settings.roles.contains(.webhook)
        state = Mutex(isPossible ? "no answer over our own TLS port yet" : nil)
    }

    /// Why the last call failed; nil if it did not.
    var failure: String? { state.withLock { $0 } }

    /// Calls until the task is cancelled.
    func run() async {
        guard isPossible, let endpoint = Self.endpoint(server.addresses.first ?? "") else { return }
        var configuration = TLSClientConfiguration(trust: .anybody)
        configuration.applicationProtocols = ["http/1.1"]
        // A client without certificates of its own has nothing that could be wrong.
        guard let client = try? Client(loop: server.sideEvents, endpoint: endpoint, tls: configuration) else { return }
        defer { client.close() }
        while !Task.isCancelled {
            let failure = await call(client)
            state.withLock { $0 = failure }
            // Cancelled means that the process ends.
            guard (try? await Task.sleep(for: failure == nil ? Self.interval : Self.intervalAfterFailure)) != nil else {
                return
            }
        }
    }

    private func call(_ client: Client) async -> String? {
        let request = HTTPRequest(
            method: "POST", target: "/validate", headers: [HTTPField("content-type", "application/json")],
            body: Array(Self.review.utf8))
        do throws(ClientError) {
            let response = try await client.send(request, timeout: Self.timeout, bodyBytesMax: 64 << 10)
            return response.status == 200 ? nil : "our own TLS port answers \(response.status)"
        } catch {
            return "no answer over our own TLS port: \(error)"
        }
    }

    /// Where to reach what listens on an address: "any address" is reached by loopback.
    private static func endpoint(_ address: String) -> ClientEndpoint? {
        guard let colon = address.lastIndex(of: ":"), let port = UInt16(address[address.index(after: colon)...]) else {
            return nil
        }
        var host = String(address[..<colon])
        if host.hasPrefix("[") { host = String(host.dropFirst().dropLast()) }
        if host == "0.0.0.0" { host = "127.0.0.1" }
        if host == "::" { host = "::1" }
        return ClientEndpoint(host: host, port: port)
    }
}
