internal import Kubernetes
internal import Rules
internal import Wire

/// Carries out one action and says what came of it; it judges nothing.
struct DrainExecutor<Base: Cluster>: Sendable {
    let cluster: Base
    let settings: ReconcilerSettings
    let observer: DrainObserver<Base>

    /// What may be freed by a look.
    struct Frees {
        var calls: [FreeCall]
        /// How many may run side by side.
        var parallel: Int
        var target: DrainTarget
        var lookedAt: Timestamp
    }

    /// Looks again while calls are under way, given what those that have ended said; nil if no other may be begun.
    typealias LookAgain = ([DrainOutcome.FreeResult]) async -> Frees?

    /// Does the action that a look at this time led to.
    func perform(
        _ action: DrainAction, on target: DrainTarget, lookedAt: Timestamp, lookAgain: LookAgain
    ) async -> DrainOutcome {
        switch action {
        case .none, .setReplicas:
            // Counts are written together with the record: `DrainKeeper`.
            return .none
        case .free(let calls, let parallel):
            let frees = Frees(calls: calls, parallel: parallel, target: target, lookedAt: lookedAt)
            return .freed(await free(frees, lookAgain: lookAgain))
        case .pin(let paths):
            return .pinned(await pin(paths, target))
        case .decommission(let worker):
            let limit = settings.serviceCallSeconds
            // The call in the pod ends first, so that its answer still reaches us.
            return await service(
                AlluxioCommand.decommission(host: worker.host, webPort: worker.webPort, limitSeconds: limit),
                target, seconds: limit + 10)
        case .enable(let worker):
            return await service(
                AlluxioCommand.enable(host: worker.host, webPort: worker.webPort), target,
                seconds: settings.fileCallSeconds)
        case .restart(let pod):
            return await write(
                .delete(
                    .pods, namespace: target.key.namespace, name: pod.name,
                    preconditions: APIRequest.Preconditions(uid: pod.uid)))
        case .unlabel(let node):
            return await unlabel(node, target)
        case .lowerStatusCounts(let count):
            let number = JSON.integer(Int64(count))
            return await patchRuntime(
                target, subresource: "status",
                ["status": ["desiredWorkerNumberScheduled": number, "currentWorkerNumberScheduled": number]])
        case .touch:
            let time = JSON.string(RFC3339.micro(cluster.wallClockMilliseconds()))
            return await patchRuntime(
                target, subresource: nil, ["metadata": ["annotations": [Annotation.touched: time]]])
        }
    }

    /// Runs the calls, so many at a time; when the look is no longer fresh, another one says what may still be begun.
    ///
    /// A call takes seconds, and calls that were begun together do not end together: waiting for all of them before the next
    /// look would leave most of the time most places empty.
    private func free(_ first: Frees, lookAgain: LookAgain) async -> [DrainOutcome.FreeResult] {
        await withTaskGroup(of: DrainOutcome.FreeResult.self) { group in
            var frees = first
            var rest = first.calls[...]
            var begun: Set<FreeCall> = []
            var results: [DrainOutcome.FreeResult] = []
            while true {
                if begun.count - results.count < frees.parallel, !rest.isEmpty, !isFresh(frees.lookedAt) {
                    if let more = await lookAgain(results) {
                        frees = more
                        rest = more.calls.filter { !begun.contains($0) }[...]
                    } else {
                        rest = []
                    }
                }
                while begun.count - results.count < frees.parallel, isFresh(frees.lookedAt),
                    let call = rest.popFirst()
                {
                    begun.insert(call)
                    group.addTask { [target = frees.target] in await free(call, target) }
                }
                guard let result = await group.next() else {
                    return results
                }
                results.append(result)
                switch result.answer {
                // It may still run: another look says how many others may.
                case .gaveUp, .unknown: frees.lookedAt = Timestamp(millisecondsSinceEpoch: 0)
                default: break
                }
            }
        }
    }

    private var now: Timestamp { Timestamp(millisecondsSinceEpoch: cluster.wallClockMilliseconds()) }

    private func isFresh(_ lookedAt: Timestamp) -> Bool {
        now.milliseconds(since: lookedAt) <= DrainTiming.lookAgeMaximum
    }

    private func free(_ call: FreeCall, _ target: DrainTarget) async -> DrainOutcome.FreeResult {
        guard let command = AlluxioCommand.free(call.path, force: call.force) else {
            // The cover holds no such path; if it did, this says it.
            return DrainOutcome.FreeResult(call, .failed("the path may not be passed on"), at: now)
        }
        let seconds = call.isFolder ? settings.folderCallSeconds : settings.fileCallSeconds
        let output = await observer.run(command, in: target, seconds: seconds)
        return DrainOutcome.FreeResult(call, FreeAnswer(output, path: call.path), at: now)
    }

    private func pin(_ paths: [AlluxioPath], _ target: DrainTarget) async -> [DrainOutcome.PinResult] {
        var results: [DrainOutcome.PinResult] = []
        for path in paths {
            guard let command = AlluxioCommand.pin(path) else {
                continue
            }
            let output = await observer.run(command, in: target, seconds: settings.fileCallSeconds)
            results.append(DrainOutcome.PinResult(path, PinAnswer(output, path: path)))
        }
        return results
    }

    private func service(_ command: AlluxioCommand?, _ target: DrainTarget, seconds: Int) async -> DrainOutcome {
        guard let command else {
            return .service(.failed("the worker's address or port is none"))
        }
        return .service(ServiceAnswer(await observer.run(command, in: target, seconds: seconds)))
    }

    private func patchRuntime(_ target: DrainTarget, subresource: String?, _ change: JSON) async -> DrainOutcome {
        guard let runtime = target.runtime else {
            return .failed("there is no runtime")
        }
        var body = change
        var metadata = body["metadata"] ?? [:]
        metadata["uid"] = .string(runtime.meta.uid)
        body["metadata"] = metadata
        return await write(
            .patch(
                .alluxioRuntimes, namespace: target.key.namespace, name: target.key.name, subresource: subresource,
                type: .merge, body: body))
    }

    /// Takes the labels away that place a worker on a node (Fluid up to 0.4).
    private func unlabel(_ node: String, _ target: DrainTarget) async -> DrainOutcome {
        do throws(ClusterError) {
            guard
                let meta = try await observer.read(
                    .get(.nodes, name: node), { (value) throws(ObjectError) in try ObjectMeta(of: value) })
            else {
                return .failed("there is no node \(node)")
            }
            let labels = NodeLabels.placing(
                meta.labels, namespace: target.key.namespace, name: target.key.name,
                selector: target.workerSet?.nodeSelector ?? [:])
            let removed = JSON.object(labels.map { JSON.Member($0, .null) })
            return await write(
                .patch(
                    .nodes, name: node, type: .merge,
                    body: [
                        "metadata": [
                            "uid": .string(meta.uid), "resourceVersion": .string(meta.resourceVersion),
                            "labels": removed,
                        ]
                    ]))
        } catch {
            return .failed(error.description)
        }
    }

    private func write(_ request: APIRequest) async -> DrainOutcome {
        do throws(ClusterError) {
            _ = try await cluster.send(request)
            return .done
        } catch {
            return .failed(error.description)
        }
    }
}
