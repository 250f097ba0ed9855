internal import Kubernetes
internal import Rules

/// Alluxio: what the workers' own pages and the client in the master pod show and do, and its RPC where the ports can be had.
struct Alluxio<Base: Cluster>: CacheSystem {
    private let client: AlluxioByClient<Base>
    private let rpc: AlluxioByRPC<Base>

    init(cluster: Base, settings: ReconcilerSettings) {
        client = AlluxioByClient(cluster: cluster, settings: settings)
        rpc = AlluxioByRPC(cluster: cluster, settings: settings)
    }

    func answer(
        _ questions: DrainQuestions, about target: DrainTarget, memory: inout CacheMemory,
        isWanted: @escaping @Sendable () -> Bool
    ) async -> CacheAnswers {
        guard !questions.blocksOf.isEmpty else { return await client.answer(questions, about: target, memory: &memory) }
        let (look, cost) = await rpc.blocks(of: questions.blocksOf, target, isWanted: isWanted)
        var questions = questions
        if case .unreachable = look { questions.isBrief = false }
        // The counters come last, so that they are fresh when something is done because of them.
        var answers = await client.answer(questions, about: target, memory: &memory)
        answers.cost += cost
        answers.blocks = look
        guard case .read(let list) = look else { return answers }
        for (uid, held) in list.workers {
            guard var reading = answers.looks[uid]?.reading else { continue }
            reading.take(held)
            answers.looks[uid] = .read(reading)
        }
        return answers
    }

    func execute(_ call: CacheCall, on target: DrainTarget) async -> CacheAnswer {
        switch call {
        case .remove(let blocks, let uid): return await rpc.remove(blocks, from: uid, target)
        case .takeOutOfService(let worker, isByRPC: true):
            let answer = await rpc.takeOutOfService(worker, target)
            if answer == .done { await client.waitUntilQuiet(worker, target) }
            return answer
        case .free, .takeOutOfService, .takeBack: return await client.execute(call, on: target)
        }
    }
}
