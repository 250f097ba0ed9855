internal import Controller
internal import Kubernetes
internal import Synchronization
internal import Transport
internal import Wire

/// The admission listener: hands each request to the rules, and does the one live read that they may ask for.
final class AdmissionEndpoint: RequestHandler {
    /// How many live reads may be under way; a further one counts as failed, and the careful answer is given.
    private static let liveReadsMax = 256

    private let handler: AdmissionHandler
    private let cluster: (any Cluster)?
    private let liveReads = Atomic<Int>(0)

    init(handler: AdmissionHandler, cluster: (any Cluster)?) {
        self.handler = handler
        self.cluster = cluster
    }

    func handle(_ request: HTTPRequest, on context: RequestContext, respond responder: Responder) {
        switch handler.answer(request) {
        case .response(let response):
            responder.respond(response)
        case .liveRead(let read, let finish):
            guard let cluster else {
                return responder.respond(finish(.failure(.transport("there is no cluster to ask"))))
            }
            guard liveReads.add(1, ordering: .relaxed).newValue <= Self.liveReadsMax else {
                liveReads.subtract(1, ordering: .relaxed)
                return responder.respond(finish(.failure(.transport("\(Self.liveReadsMax) live reads are under way"))))
            }
            Task { [self] in
                let result: Result<APIResponse, ClusterError>
                do throws(ClusterError) {
                    result = .success(try await cluster.send(read))
                } catch {
                    result = .failure(error)
                }
                liveReads.subtract(1, ordering: .relaxed)
                responder.respond(finish(result))
            }
        }
    }
}
