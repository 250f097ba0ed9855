public import Kubernetes
internal import Rules
public import Wire

/// Answers admission reviews: bytes in, bytes out, on the thread that received them.
///
/// Safe to call from any thread. It does no I/O: where the store has no answer it says which one live read is needed.
public final class AdmissionHandler: Sendable {
    /// The longest body that is read; the transport refuses longer ones with 413 before they get here.
    public static let bodyBytesMax = (6 << 20) + (64 << 10)
    /// The most values in a body: ten times what two objects of 3 MiB have.
    static let bodyValuesMax = 1_000_000

    private let settings: AdmissionSettings
    private let judge: AdmissionJudge
    private let parsers = ParserPool(bytesMax: bodyBytesMax, valuesMax: bodyValuesMax)
    private let metrics: Metrics
    private let log: LogSink
    private let now: @Sendable () -> Duration
    private let scaleInRequests: ScaleInRequests?

    /// Makes a handler.
    ///
    /// - Parameters:
    ///   - settings: what it is told at start.
    ///   - store: what is known of the cluster; nil if there is none.
    ///   - metrics: where answers are counted.
    ///   - log: where decisions are written.
    ///   - now: a monotonic clock, for durations.
    ///   - wallClock: the time in milliseconds since 1970, for what scale-in requests say.
    ///   - watch: whether drained workers are watched; nil where lower counts are not gated.
    ///   - scaleInRequests: where denied lower counts are handed to; nil if nobody takes them.
    public init(
        settings: AdmissionSettings, store: Store?, metrics: Metrics, log: @escaping LogSink,
        now: @escaping @Sendable () -> Duration, wallClock: @escaping @Sendable () -> Int64,
        scaleInRequests: ScaleInRequests? = nil, watch: DrainWatch? = nil
    ) {
        self.settings = settings
        self.scaleInRequests = scaleInRequests
        judge = AdmissionJudge(
            store: store, policy: settings.policy, parsers: ParserPool(bytesMax: LastApplied.bytesMax),
            wallClock: wallClock, watch: watch)
        self.metrics = metrics
        self.log = log
        self.now = now
    }

    /// Answers one request to `/mutate` or `/validate`.
    public func answer(_ request: HTTPRequest) -> AdmissionAnswer {
        let start = now()
        let path = request.target.prefix { $0 != "?" }
        let webhook: Webhook
        switch path {
        case "/mutate": webhook = .mutate
        case "/validate": webhook = .validate
        default:
            return .response(.failure(404, "no such path; reviews go to /mutate and /validate"))
        }
        guard request.method == "POST" else {
            return .response(.failure(405, "reviews are sent by POST", [HTTPField("allow", "POST")]))
        }
        guard request.hasJSONBody else {
            return .response(.failure(415, "reviews are sent as content-type: application/json"))
        }
        do throws(AdmissionReviewError) {
            let (judgement, context) = try judgement(of: request.body, webhook, start)
            guard case .needsRuntime(let key, let resume) = judgement else {
                return .response(conclude(judgement, context))
            }
            let timeout = answerTimeout(request.target)
            var read = APIRequest.get(.alluxioRuntimes, namespace: key.namespace, name: key.name)
            read.timeout = timeout * (1 - AdmissionSettings.headRoom)
            return .liveRead(read) { [self] result in
                var context = context
                context.liveRead = result
                return conclude(resume(LiveRuntime(result)), context)
            }
        } catch {
            return .response(refuse(error, webhook, start))
        }
    }

    /// Reads and judges a review; what is returned holds facts and names, and nothing of the body or its parsed text.
    private func judgement(
        of body: [UInt8], _ webhook: Webhook, _ start: Duration
    ) throws(AdmissionReviewError) -> (Judgement, Context) {
        let result: Result<(Judgement, Context), AdmissionReviewError>
        do throws(JSONError) {
            result = try parsers.withRoot(of: body) { root in
                do throws(AdmissionReviewError) {
                    let review = try AdmissionReview(root)
                    return .success((judge.judge(review, webhook), Context(review, webhook, start)))
                } catch {
                    return .failure(error)
                }
            }
        } catch {
            throw AdmissionReviewError(problem: error.description)
        }
        return try result.get()
    }

    /// The time for an answer: what the API server says in `?timeout=`, else the setting.
    private func answerTimeout(_ target: String) -> Duration {
        let range = AdmissionSettings.answerTimeoutRange
        let query = target.split(separator: "?", maxSplits: 1).dropFirst().first ?? ""
        for item in query.split(separator: "&") where item.hasPrefix("timeout=") {
            guard let milliseconds = DurationText.milliseconds(String(item.dropFirst("timeout=".count))) else { break }
            return min(max(.milliseconds(milliseconds), range.lowerBound), range.upperBound)
        }
        return min(max(settings.answerTimeout, range.lowerBound), range.upperBound)
    }
}

extension AdmissionHandler {
    /// What a decision is about, for the answer, the log and the metrics.
    private struct Context: Sendable {
        var record: DecisionRecord
        var version: AdmissionReview.Version
        var key: ObjectKey
        var start: Duration
        var liveRead: Result<APIResponse, ClusterError>?

        init(_ review: AdmissionReview, _ webhook: Webhook, _ start: Duration) {
            record = DecisionRecord(review, webhook)
            version = review.version
            key = review.key
            self.start = start
        }
    }

    private func conclude(_ judgement: Judgement, _ context: Context) -> HTTPResponse {
        var record = context.record
        var response = AdmissionResponse(uid: record.uid, isAllowed: true)
        switch judgement {
        case .untouched(let reason):
            record.decision = .untouched
            record.note = reason
        case .needsRuntime:
            // A second live read is never asked for: the first one's result decides.
            record.decision = .untouched
            record.note = "undecided"
        case .decided(let verdict, let note):
            record.note = note
            record.apply(verdict)
            response = respond(verdict, codes: record.codes, uid: record.uid)
            if let request = verdict.request, !record.isDryRun { scaleInRequests?.post(request, for: context.key) }
        }
        if case .failure(let error)? = context.liveRead, !error.isNotFound {
            record.note = "live read of the runtime failed: \(error)"
        }
        record.warnings = response.warnings
        finish(record, context.start)
        if record.decision == .held { metrics.increment(.hold, judge.labels(ofWorkerSet: context.key)) }
        return .json(response.encoded(version: context.version))
    }

    private func respond(_ verdict: Verdict, codes: [RuleCode], uid: String) -> AdmissionResponse {
        var response = AdmissionResponse(uid: uid, isAllowed: verdict.allowed)
        if verdict.allowed {
            if !verdict.patches.isEmpty { response.patch = jsonPatch(verdict.patches) }
        } else {
            let isUnreadable = verdict.denials.contains { $0.code == .unknownRuntimeVersion }
            // Not 422 Invalid: kubectl 1.20 then says "The request is invalid", and keeps the message to itself.
            response.status = AdmissionResponse.Status(
                code: isUnreadable ? 400 : 403, reason: isUnreadable ? "BadRequest" : "Forbidden",
                message: verdict.denialMessage)
        }
        response.warnings = verdict.warnings
        if settings.explainsDefaults {
            let defaults = verdict.patches.filter { $0.code.kind == .fillsIn && $0.value != .object([]) }
            response.warnings += defaults.map(\.warningText)
        }
        if !codes.isEmpty {
            response.auditAnnotations = [.init(key: "codes", value: RuleCode.list(codes))]
        }
        return response
    }

    private func refuse(_ error: AdmissionReviewError, _ webhook: Webhook, _ start: Duration) -> HTTPResponse {
        var record = DecisionRecord(uid: error.uid, webhook)
        record.decision = .denied
        record.codes = [.unreadableReview]
        record.note = error.problem
        finish(record, start)
        var response = AdmissionResponse(refusing: error)
        response.status?.message = ReviewRules.unreadable(error.problem).denialMessage
        return .json(response.encoded(version: error.version))
    }

    private func finish(_ record: DecisionRecord, _ start: Duration) {
        let duration = now() - start
        metrics.increment(
            .admissionRequests,
            [
                record.webhook.rawValue, record.metricKind, record.operation, record.decision.rawValue,
                record.decidingCode?.rawValue ?? "",
            ])
        let seconds = Double(duration.components.seconds) + Double(duration.components.attoseconds) * 1e-18
        metrics.observe(
            .admissionDuration, [record.webhook.rawValue, record.metricKind, record.operation], seconds: seconds)
        log(record.line(microseconds: Int64(seconds * 1e6)))
    }
}
