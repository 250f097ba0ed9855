internal import Transport
internal import Wire

/// The TLS port: figures below `/apis/`, admissions everywhere else, each as far as this process has that role.
struct TLSEndpoint: RequestHandler {
    let admission: AdmissionEndpoint?
    let figures: FigureService?

    func handle(_ request: HTTPRequest, on context: RequestContext, respond responder: Responder) {
        if let figures, FigureService.isConcerned(by: request) {
            return figures.handle(request, on: context, respond: responder)
        }
        guard let admission else { return responder.respond(Self.text(404, "there is /apis/custom.metrics.k8s.io")) }
        // What callers of the other paths have to show is no matter of theirs.
        guard context.isKnownClient else {
            return responder.respond(Self.text(403, "this path takes a client certificate that --client-ca signed"))
        }
        admission.handle(request, on: context, respond: responder)
    }

    private static func text(_ status: Int, _ line: String) -> HTTPResponse {
        HTTPResponse(
            status: status, headers: [HTTPField("content-type", "text/plain; charset=utf-8")],
            body: Array("\(line)\n".utf8))
    }
}
