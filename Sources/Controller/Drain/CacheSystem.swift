internal import Kubernetes
internal import Rules

/// The cache whose workers are drained, whatever language it speaks: who is there, what does each worker hold, remove these,
/// take it out of service.
protocol CacheSystem: Sendable {
    /// Answers questions into a snapshot; what can't be had stays unknown, or says why it can't be relied on.
    ///
    /// What takes minutes is given up as soon as `isWanted` says no.
    func answer(
        _ questions: DrainQuestions, about target: DrainTarget, memory: inout CacheMemory,
        isWanted: @escaping @Sendable () -> Bool
    ) async -> CacheAnswers

    /// Makes one call and says what came of it.
    func execute(_ call: CacheCall, on target: DrainTarget) async -> CacheAnswer
}

/// What a cache system says, by pod.
struct CacheAnswers: Sendable {
    var looks: [String: WorkerLook] = [:]
    var registrations: [String: DrainSnapshot.Worker.Registration] = [:]
    var services: [String: CapacityReport.State] = [:]
    var version: AlluxioVersion?
    var masterStarted: Int64?
    /// The workers, live or lost, that the master knows at places where no pod has run, as `host:port` or `host`; nil if it
    /// could not be asked.
    var strangers: Set<String>?
    var blocks = BlockLook.notAsked
    /// How many requests and calls it took.
    var cost = 0
}

/// What need not be asked each time.
struct CacheMemory: Sendable {
    /// The version, and the master pod that said it.
    var version: AlluxioVersion?
    var versionOf = ""
    /// The client's last report, and when it was had: a call is a JVM.
    var report: CapacityReport?
    var reportAt = Duration.zero
    /// How many entries of a worker's list to ask for at once, by pod, where that many as usual took too long.
    var pageLimits: [String: Int] = [:]
}
