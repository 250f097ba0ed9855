public import Kubernetes
internal import Rules
public import Wire

/// Which of the two webhooks was called.
public enum Webhook: String, Sendable, Hashable {
    /// Fills in, and holds.
    case mutate
    /// Checks, and gates.
    case validate
}

/// What the handler says to a request: an answer, or that one live read has to come first.
public enum AdmissionAnswer: Sendable {
    /// The answer.
    case response(HTTPResponse)
    /// Do this read, then answer with what `finish` makes of it; it may be called from any thread, once.
    case liveRead(APIRequest, finish: @Sendable (Result<APIResponse, ClusterError>) -> HTTPResponse)
}

/// What the rules say to a review, or what they have to know first.
enum Judgement: Sendable {
    /// None of our business; `reason` is for the log.
    case untouched(reason: String)
    /// Decided; `note` is for the log, or empty.
    case decided(Verdict, note: String)
    /// Only a live read of this runtime can tell.
    case needsRuntime(ObjectKey, @Sendable (LiveRuntime) -> Judgement)
}

/// What a live read of a runtime says.
enum LiveRuntime: Sendable {
    /// It is there.
    case found(AlluxioRuntime)
    /// It is not, or the cluster has no such kind.
    case absent
    /// Nobody could say within the time there was.
    case failed

    /// Reads the answer to a GET.
    init(_ result: Result<APIResponse, ClusterError>) {
        switch result {
        case .success(let response):
            // An object that can't be read is as good as no answer: then the careful branch is taken.
            guard let json = try? response.json(), let runtime = try? AlluxioRuntime(json) else {
                self = .failed
                return
            }
            self = .found(runtime)
        case .failure(let error):
            self = error.isNotFound ? .absent : .failed
        }
    }
}
