internal import Kubernetes
internal import Synchronization
internal import Wire

/// Asks the API server who may do what, once for all who wait for the same answer, and remembers it for a moment.
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
        /// Too many wait already, and it was not asked.
        case crowded
    }

    /// A question as it is sent: names that only look alike are different ones, which Swift's strings are not.
    private struct Question: Hashable {
        let caller: String
        let body: [UInt8]

        static func == (one: Question, other: Question) -> Bool { one.body == other.body }
        func hash(into hasher: inout Hasher) { hasher.combine(body) }
    }

    private typealias Waiter = CheckedContinuation<Answer?, Never>

    private struct State {
        var answers: [Question: (isAllowed: Bool, until: Duration)] = [:]
        /// Of the questions that they answer.
        var answersBytes = 0
        /// The reviews under way, and who waits for each besides the one that asks.
        var waiters: [Question: [Waiter]] = [:]

        func known(_ question: Question, at now: Duration) -> Answer? {
            guard let known = answers[question], now < known.until else { return nil }
            return known.isAllowed ? .allowed : .denied
        }

        mutating func remember(_ question: Question, isAllowed: Bool, at now: Duration) {
            let bytes = question.body.count
            guard bytes <= AccessReviews.answersBytesMax else { return }
            func isFull() -> Bool {
                answers.count >= AccessReviews.answersMax || answersBytes > AccessReviews.answersBytesMax - bytes
            }
            if isFull() {
                answers = answers.filter { now < $0.value.until }
                answersBytes = answers.keys.reduce(0) { $0 + $1.body.count }
                if isFull() { (answers, answersBytes) = ([:], 0) }
            }
            if answers.updateValue((isAllowed, now + AccessReviews.life), forKey: question) == nil {
                answersBytes += bytes
            }
        }
    }

    private enum Step {
        case done(Answer)
        case ask
        case join
    }

    /// How long an answer counts; Kubernetes' own servers take as long.
    static var life: Duration { .seconds(10) }
    /// How many answers are kept, and how many bytes of what they answer: names come from outside.
    static var answersMax: Int { 1_024 }
    static var answersBytesMax: Int { 2 << 20 }

    private let cluster: Base
    private let waits: CallerPlaces
    private let reviews: CallerPlaces
    private let state = Mutex(State())

    init(cluster: Base, limits: CallerLimits = CallerLimits()) {
        self.cluster = cluster
        waits = CallerPlaces(limits.waits, perCaller: limits.waitsPerCaller)
        reviews = CallerPlaces(limits.reviews, perCaller: limits.reviewsPerCaller)
    }

    /// Whether a user may do something.
    func ask(_ user: RequestUser, _ action: Action) async -> Answer {
        if user.groups.contains(RequestUser.masters) { return .allowed }
        let question = Question(caller: user.name, body: Self.body(user, action))
        let now = cluster.monotonicTime()
        if let known = state.withLock({ $0.known(question, at: now) }) { return known }
        guard waits.take(user.name) else { return .crowded }
        defer { waits.give(user.name) }
        while true {
            switch nextStep(question) {
            case .done(let answer): return answer
            case .ask:
                let answer = await review(question)
                finish(question, answer)
                return answer
            case .join:
                // Nil where the review ended in between: then its answer is known, or it is asked anew.
                if let answer = await join(question) { return answer }
            }
        }
    }

    /// How many wait for an answer, and how many bytes are kept of the questions whose answers are known.
    var waitCount: Int { waits.count }
    var keptBytes: Int { state.withLock { $0.answersBytes } }

    private func nextStep(_ question: Question) -> Step {
        let now = cluster.monotonicTime()
        return state.withLock { state in
            if let known = state.known(question, at: now) { return .done(known) }
            if state.waiters[question] != nil { return .join }
            guard reviews.take(question.caller) else { return .done(.crowded) }
            state.waiters[question] = []
            return .ask
        }
    }

    private func join(_ question: Question) async -> Answer? {
        await withCheckedContinuation { waiter in
            let isUnderWay = state.withLock { $0.waiters[question]?.append(waiter) != nil }
            if !isUnderWay { waiter.resume(returning: nil) }
        }
    }

    /// Tells all who wait, and remembers what the API server said.
    private func finish(_ question: Question, _ answer: Answer) {
        let now = cluster.monotonicTime()
        let waiters = state.withLock { state in
            if answer == .allowed || answer == .denied {
                state.remember(question, isAllowed: answer == .allowed, at: now)
            }
            return state.waiters.removeValue(forKey: question) ?? []
        }
        reviews.give(question.caller)
        for waiter in waiters { waiter.resume(returning: answer) }
    }

    private func review(_ question: Question) async -> Answer {
        let review: JSONValue
        do throws(ClusterError) {
            review = try await cluster.send(Self.request(question.body)).json()
        } catch {
            return .unknown(error.isForbidden ? "Sluice may not create subjectaccessreviews" : error.description)
        }
        guard let status = review["status"], let says = status["allowed"]?.bool else {
            return .unknown("a review without an answer")
        }
        return says && status["denied"]?.bool != true ? .allowed : .denied
    }

    private static func request(_ body: [UInt8]) -> APIRequest {
        let reviews = Resource(group: "authorization.k8s.io", version: "v1", plural: "subjectaccessreviews")
        return APIRequest(
            .post, path: APIRequest.path(reviews), contentType: "application/json", body: body, timeout: .seconds(5))
    }

    static func body(_ user: RequestUser, _ action: Action) -> [UInt8] {
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
        let review: JSON = ["apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview", "spec": spec]
        return review.encoded()
    }
}
