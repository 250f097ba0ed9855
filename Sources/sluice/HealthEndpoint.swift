internal import Transport
internal import Wire

/// The second listener, in plain text: whether the process lives, whether it is ready, and what it measured.
struct HealthEndpoint: RequestHandler {
    let readiness: Readiness
    let metrics: MetricsPage

    func handle(_ request: HTTPRequest, on context: RequestContext, respond responder: Responder) {
        responder.respond(answer(request))
    }

    private func answer(_ request: HTTPRequest) -> HTTPResponse {
        guard request.method == "GET" || request.method == "HEAD" else {
            return text(405, "only GET and HEAD", [HTTPField("allow", "GET, HEAD")])
        }
        switch request.target.prefix(while: { $0 != "?" }) {
        case "/healthz":
            return text(200, "ok")
        case "/readyz":
            let reasons = readiness.reasonsAgainst
            let ready = (["ready"] + readiness.remarks).joined(separator: "\n")
            return reasons.isEmpty ? text(200, ready) : text(503, "not ready: " + reasons.joined(separator: "; "))
        case "/metrics":
            return HTTPResponse(
                status: 200, headers: [HTTPField("content-type", "text/plain; version=0.0.4; charset=utf-8")],
                body: metrics.text())
        default:
            return text(404, "there are /healthz, /readyz and /metrics")
        }
    }

    private func text(_ status: Int, _ line: String, _ headers: [HTTPField] = []) -> HTTPResponse {
        HTTPResponse(
            status: status, headers: [HTTPField("content-type", "text/plain; charset=utf-8")] + headers,
            body: Array("\(line)\n".utf8))
    }
}
