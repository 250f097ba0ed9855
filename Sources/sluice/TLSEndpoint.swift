internal import Controller
internal import Transport
internal import Wire

/// The TLS port: figures below `/apis/`, admissions everywhere else, each as far as this process has that role.
///
/// Its callers are API servers. Of whatever is refused they tell their users the message of a `Status`; of plain text they
/// keep the code alone, and make up their own words.
struct TLSEndpoint: RequestHandler {
    let admission: AdmissionEndpoint?
    let figures: FigureService?

    func handle(_ request: HTTPRequest, on context: RequestContext, respond responder: Responder) {
        if let figures, FigureService.isConcerned(by: request) {
            return figures.handle(request, on: context, respond: responder)
        }
        guard let admission else { return responder.respond(.failure(404, "there is /apis/custom.metrics.k8s.io")) }
        // What callers of the other paths have to show is no matter of theirs.
        guard context.isKnownClient else {
            return responder.respond(.failure(403, "this path takes a client certificate that --client-ca signed"))
        }
        admission.handle(request, on: context, respond: responder)
    }

    func refusal(_ status: Int, _ reason: String) -> HTTPResponse { .failure(status, reason) }
}
