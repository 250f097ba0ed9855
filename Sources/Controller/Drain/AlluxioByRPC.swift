internal import Kubernetes
internal import Rules
internal import Synchronization
internal import Wire

/// Alluxio by its RPC: one list of the leading master says who holds which block, and a worker removes its own.
///
/// Ports are those that the containers name `rpc`. Each is tried at the pod's address and through the API server, first in
/// the way that answered last. Nothing is kept between two calls but that, and which blocks are held by a reader.
struct AlluxioByRPC<Base: Cluster>: Sendable {
    private let cluster: Base
    private let settings: ReconcilerSettings
    private let shared: Shared

    private final class Shared: Sendable {
        struct State {
            var route = PodPort.Route.direct
            var random: Jitter
            /// The blocks that a reader holds, and until when each worker waits for it, by the pods' uids.
            var held: [String: [Int64: Duration]] = [:]
        }
        let state: Mutex<State>
        init(seed: UInt64) { state = Mutex(State(random: Jitter(seed: seed))) }
    }

    /// How long a connection to a pod's address may take: where packets are dropped nobody answers.
    private static var directTimeout: Duration { .seconds(2) }
    /// How long one through the API server may take.
    private static var forwardTimeout: Duration { .seconds(10) }
    /// How long the list of workers may take.
    private static var workersTimeout: Duration { .seconds(10) }
    /// How long the list of files may take as long as it comes: a busy master took 100 s for a million.
    private static var listTimeout: Duration { .seconds(1_200) }
    /// How long one removal may take; a block that takes longer is read by somebody.
    private static var removalTimeout: Duration { .seconds(10) }
    /// For how long a worker waits for such a reader.
    private static var heldFor: Duration { .seconds(60) }
    /// How long the master may take to note that a worker is out of service.
    private static var serviceTimeout: Duration { .seconds(10) }
    /// The longest entry of a list: a file of ten thousand blocks.
    private static var entryBytesMax: Int { 4 << 20 }

    init(cluster: Base, settings: ReconcilerSettings) {
        self.cluster = cluster
        self.settings = settings
        shared = Shared(seed: settings.seed)
    }

    // MARK: The list

    /// Reads what these workers hold from the first master that answers, and how many requests that is worth.
    ///
    /// The list of a large cache takes minutes: it is given up as soon as it is no longer wanted.
    func blocks(
        of uids: Set<String>, _ target: DrainTarget, isWanted: @escaping @Sendable () -> Bool = { true }
    ) async -> (BlockLook, cost: Int) {
        var look = BlockLook.unreachable("")
        var cost = 0
        if target.masters.isEmpty { look = .notReady("there is no ready master") }
        for master in target.masters {
            cost += 3
            do throws(AlluxioCallError) {
                let (connection, route) = try await connect(to: master, DrainTarget.masterContainer)
                let workers = try await workers(connection)
                let known = Self.ids(of: target.pods.filter { uids.contains($0.meta.uid) }, among: workers)
                let (list, entries) = try await list(
                    connection, BlockList(workers: known, route: Self.text(route)), isWanted)
                return (.read(list), cost + entries / 2_000)
            } catch .status(let status) where status.code == GRPCStatus.unavailable {
                look = .notReady(status.message.isEmpty ? "it is not available" : status.message)
            } catch .timeout {
                // The port was reached: it is slow, and the client would be slower.
                look = .notReady("its list does not come in time")
            } catch {
                guard isWanted() else { return (.notAsked, cost) }
                // A master that is about to answer comes before one that can't be reached.
                if case .unreachable = look { look = .unreachable("\(master.meta.name): \(error)") }
            }
        }
        return (look, cost)
    }

    /// The workers that the master has heard of lately; it says so in no safe mode.
    private func workers(_ connection: AlluxioConnection) async throws(AlluxioCallError) -> [AlluxioWorkerStatus] {
        var records = ProtobufRecords(field: 1, recordBytesMax: 64 << 10)
        var workers: [AlluxioWorkerStatus] = []
        try await connection.call(AlluxioMethod.workerInfoList, [], timeout: Self.workersTimeout) {
            (part, _) throws(ProtobufError) in
            try records.receive(part) { (reader) throws(ProtobufError) in
                guard workers.count < DrainTiming.placesMaximum * 10 else { throw .tooLong }
                workers.append(try AlluxioWorkerStatus(reader))
            }
        }
        return workers
    }

    /// Which of the master's workers these pods are: by the pod's address, or on the node's network by its port there.
    static func ids(of pods: [Pod], among workers: [AlluxioWorkerStatus]) -> [Int64: String] {
        var ids: [Int64: String] = [:]
        for pod in pods where !pod.podIP.isEmpty {
            let port = pod.container(named: DrainTarget.workerContainer)?.port(named: "rpc").map { Int64($0) }
            for worker in workers {
                let isPod =
                    worker.containerHost.isEmpty
                    ? (worker.host == pod.hostIP || worker.host == pod.podIP) && worker.rpcPort == port
                    : worker.containerHost == pod.podIP
                if isPod { ids[worker.id] = pod.meta.uid }
            }
        }
        return ids
    }

    private func list(
        _ connection: AlluxioConnection, _ empty: BlockList, _ isWanted: @escaping @Sendable () -> Bool
    ) async throws(AlluxioCallError) -> (BlockList, entries: Int) {
        var list = empty
        var entries = 0
        var records = ProtobufRecords(field: 1, recordBytesMax: Self.entryBytesMax)
        try await connection.call(
            AlluxioMethod.listStatus, AlluxioMessage.listStatus("/"), timeout: Self.listTimeout,
            patience: .seconds(settings.listSeconds)
        ) { (part, isLast) throws(ProtobufError) in
            guard isWanted() else { throw .truncated }
            try records.receive(part) { (reader) throws(ProtobufError) in
                entries += 1
                let file = try AlluxioFileStatus(reader)
                guard !file.isFolder else { return }
                list.take(
                    file.path, isDurable: file.isPersisted && file.isCompleted, isPinned: file.isPinned,
                    replicasMin: file.replicationMin,
                    blocks: file.blocks.map { ($0.id, $0.byteCount, $0.workers) })
            }
            if isLast, records.isWithinField { throw .truncated }
        }
        return (list, entries)
    }

    // MARK: Removing

    /// Removes blocks from one worker, side by side; those that a reader holds hold up nobody else.
    ///
    /// The worker goes on waiting for such a reader after the call has ended, and removes the block as soon as it can: until it
    /// gives up the block is not asked for again, since each call that waits holds a thread of the worker.
    func remove(_ blocks: ArraySlice<Int64>, from uid: String, _ target: DrainTarget) async -> CacheAnswer {
        guard let pod = target.pods.first(where: { $0.meta.uid == uid }) else { return .failed("its pod is gone") }
        let now = cluster.monotonicTime()
        var held = shared.state.withLock { state in
            state.held = state.held.compactMapValues { blocks in
                let left = blocks.filter { $0.value > now }
                return left.isEmpty ? nil : left
            }
            return state.held[uid] ?? [:]
        }
        var rest = blocks.filter { held[$0] == nil }[...]
        guard !rest.isEmpty else { return .stillHeld }
        let connection: AlluxioConnection
        do throws(AlluxioCallError) {
            connection = try await connect(to: pod, DrainTarget.workerContainer).0
        } catch {
            return error == .cancelled ? .unknown("cancelled") : .unreachable("\(pod.meta.name): \(error)")
        }
        defer { shared.state.withLock { $0.held[uid] = held } }
        var removed = 0
        var refusal: GRPCStatus?
        do throws(AlluxioCallError) {
            try await connection.callEach(
                AlluxioMethod.removeBlock, timeout: Self.removalTimeout,
                next: { () throws(AlluxioCallError) in
                    let mayAsk = refusal == nil && held.count < AlluxioConnection.slowCallsMax
                    return mayAsk ? rest.popFirst().map(AlluxioMessage.removeBlock) : nil
                },
                ended: { request, status in
                    switch status.code {
                    case 0: removed += 1
                    case GRPCStatus.deadlineExceeded, GRPCStatus.cancelled:
                        guard let block = AlluxioMessage.blockID(ofRemoval: request) else { return }
                        held[block] = cluster.monotonicTime() + Self.heldFor
                    default: refusal = refusal ?? status
                    }
                })
        } catch {
            return .unknown("\(pod.meta.name): \(error)")
        }
        if let refusal { return Self.answer(refusal, of: pod) }
        return removed == blocks.count ? .done : .stillHeld
    }

    // MARK: Service

    /// Takes a worker out of service at the master that leads; one that is out already stays so.
    func takeOutOfService(_ worker: OutOfService, _ target: DrainTarget) async -> CacheAnswer {
        var trouble: CacheAnswer?
        for master in target.masters {
            let connection: AlluxioConnection
            do throws(AlluxioCallError) {
                connection = try await connect(to: master, DrainTarget.masterContainer).0
            } catch {
                if error == .cancelled { return .unknown("cancelled") }
                trouble = trouble ?? .unreachable("\(master.meta.name): \(error)")
                continue
            }
            let request = AlluxioMessage.decommissionWorker(host: worker.host, webPort: worker.webPort)
            do throws(AlluxioCallError) {
                try await connection.call(
                    AlluxioMethod.decommissionWorker, request, timeout: Self.serviceTimeout, receive: { _, _ in })
                return .done
            } catch .status(let status) where status.code == GRPCStatus.notFound {
                return .absent
            } catch .status(let status) where status.code == GRPCStatus.unavailable {
                // Nothing else is said of it by one that can't be reached.
                trouble = .noMaster("\(master.meta.name): \(status)")
            } catch .status(let status) {
                return Self.answer(status, of: master)
            } catch {
                return .unknown("\(master.meta.name): \(error)")
            }
        }
        return trouble ?? .noMaster("there is no ready master")
    }

    /// What a refusal comes to: where the caller may not, the port is of no use, and the client in the master's pod may.
    private static func answer(_ refusal: GRPCStatus, of pod: Pod) -> CacheAnswer {
        let said = "\(pod.meta.name): \(refusal)"
        return refusal.isRefusalOfCaller ? .unreachable(said) : .failed(said)
    }

    // MARK: Connections

    private func connect(
        to pod: Pod, _ container: String
    ) async throws(AlluxioCallError) -> (AlluxioConnection, PodPort.Route) {
        guard let number = pod.container(named: container)?.port(named: "rpc"), let port = UInt16(exactly: number)
        else {
            throw .connection("the container has no port named rpc")
        }
        let target = PodPort(namespace: pod.meta.namespace, pod: pod.meta.name, address: pod.podIP, port: port)
        let first = shared.state.withLock { $0.route }
        var failures: [String] = []
        for route in [first] + PodPort.Route.allCases.filter({ $0 != first }) {
            do throws(AlluxioCallError) {
                let connection = try await connect(to: target, by: route)
                shared.state.withLock { $0.route = route }
                return (connection, route)
            } catch .cancelled {
                throw .cancelled
            } catch {
                failures.append("\(Self.text(route)) to port \(port): \(error)")
            }
        }
        throw .connection(failures.sorted().joined(separator: "; "))
    }

    private func connect(to port: PodPort, by route: PodPort.Route) async throws(AlluxioCallError) -> AlluxioConnection
    {
        let stream: any ByteStream
        do throws(ClusterError) {
            stream = try await cluster.connect(
                to: port, by: route, timeout: route == .direct ? Self.directTimeout : Self.forwardTimeout)
        } catch {
            if error.isForbidden { throw .connection("Sluice may not get and create pods/portforward") }
            throw AlluxioCallError(error)
        }
        let id = shared.state.withLock { Self.channelID(&$0.random) }
        return try await AlluxioConnection(over: stream, authority: port.pod, channelID: id) { [cluster] in
            cluster.monotonicTime()
        }
    }

    private static func text(_ route: PodPort.Route) -> String {
        switch route {
        case .direct: "directly"
        case .portForward: "through pods/portforward"
        }
    }

    /// A random UUID of version 4 (RFC 9562, section 5.4).
    private static func channelID(_ random: inout Jitter) -> String {
        let high = random.next() & ~0xF000 | 0x4000
        let low = random.next() & ~(3 << 62) | 2 << 62
        let digits = [high, low].map { number in
            let text = String(number, radix: 16)
            return String(repeating: "0", count: 16 - text.count) + text
        }.joined()
        var parts: [Substring] = []
        var rest = digits[...]
        for count in [8, 4, 4, 4, 12] {
            parts.append(rest.prefix(count))
            rest = rest.dropFirst(count)
        }
        return parts.joined(separator: "-")
    }
}
