internal import Kubernetes
internal import Synchronization
internal import Wire

/// Asks the API server who may do what, and remembers the answers for a moment.
final class AccessReviews<Base: Cluster>: Sendable {
    /// What somebody wants to do.
    enum Action: Sendable, Hashable {
        /// Get a figure: a subresource of what it is about.
        case metric(version: String, namespace: String, resource: String, name: String, metric: String)
        /// Get a path.
        case path(String)
    }

    /// What is known of an answer.
    enum Answer: Sendable, Hashable {
        case allowed
        case denied
        /// Nobody could say.
        case unknown(String)
    }

    private struct Question: Hashable {
        var user: RequestUser
        var action: Action
    }

    /// How long an answer counts; Kubernetes' own servers take as long.
    static var life: Duration { .seconds(10) }
    /// How many answers are kept.
    static var answersMax: Int { 1_024 }

    private let cluster: Base
    private let answers: Mutex<[Question: (isAllowed: Bool, until: Duration)]> = Mutex([:])

    init(cluster: Base) { self.cluster = cluster }

    /// Whether a user may do something.
    func ask(_ user: RequestUser, _ action: Action) async -> Answer {
        if user.groups.contains(RequestUser.masters) { return .allowed }
        let question = Question(user: user, action: action)
        let now = cluster.monotonicTime()
        if let known = answers.withLock({ $0[question] }), now < known.until {
            return known.isAllowed ? .allowed : .denied
        }
        let review: JSONValue
        do throws(ClusterError) {
            review = try await cluster.send(Self.request(user, action)).json()
        } catch {
            return .unknown(error.isForbidden ? "Sluice may not create subjectaccessreviews" : error.description)
        }
        guard let status = review["status"], let says = status["allowed"]?.bool else {
            return .unknown("a review without an answer")
        }
        let isAllowed = says && status["denied"]?.bool != true
        answers.withLock { answers in
            if answers.count >= Self.answersMax {
                answers = answers.filter { now < $0.value.until }
                if answers.count >= Self.answersMax { answers = [:] }
            }
            answers[question] = (isAllowed, now + Self.life)
        }
        return isAllowed ? .allowed : .denied
    }

    static func request(_ user: RequestUser, _ action: Action) -> APIRequest {
        var spec: JSON = ["user": .string(user.name), "groups": .array(user.groups.map(JSON.string))]
        if !user.uid.isEmpty { spec["uid"] = .string(user.uid) }
        if !user.extra.isEmpty {
            spec["extra"] = .object(
                user.extra.sorted { $0.key < $1.key }.map { .init($0.key, .array($0.value.map(JSON.string))) })
        }
        switch action {
        case .metric(let version, let namespace, let resource, let name, let metric):
            spec["resourceAttributes"] = [
                "namespace": .string(namespace), "verb": "get", "group": "custom.metrics.k8s.io",
                "version": .string(version), "resource": .string(resource), "subresource": .string(metric),
                "name": .string(name),
            ]
        case .path(let path): spec["nonResourceAttributes"] = ["path": .string(path), "verb": "get"]
        }
        let reviews = Resource(group: "authorization.k8s.io", version: "v1", plural: "subjectaccessreviews")
        let body: JSON = ["apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview", "spec": spec]
        return APIRequest(
            .post, path: APIRequest.path(reviews), contentType: "application/json", body: body.encoded(),
            timeout: .seconds(5))
    }
}
