import Kubernetes
import Synchronization
import Wire

/// Alluxio's RPC at one port of the small cluster, frame by frame: a master's list, or a worker's blocks.
///
/// Heads are not read: on a master the streams after the authentication are the list of workers, which asks nothing, and the
/// list of files, or a worker to be taken out of service.
final class FakeRPC: ByteStream {
    /// What goes wrong.
    struct Faults {
        /// Ends the list of files in its middle.
        var cutsList = false
        /// Never answers the list of files.
        var hangsList = false
        /// What the list of workers is refused with, such as 14 in safe mode.
        var refusal: Int?
        /// How many removals are answered before the connection breaks.
        var removalsMax = Int.max
        /// The paths whose blocks a reader holds: their removal ends by its deadline.
        var locked: Set<String> = []
        var isClosed: Set<PodPort.Route> = []
        /// The masters that are not leading: they close each connection at once.
        var standbys: Set<String> = []
        /// Whether the servers know no authentication.
        var isNOSASL = false
        /// How many blocks the master's list has instead of those that are there.
        var blockCount: Int?
    }

    fileprivate struct State {
        var input: [UInt8] = []
        var hasPreface = false
        var output: [UInt8] = []
        var messages: [UInt32: [UInt8]] = [:]
        var list: EndlessList?
        /// What the client lets us send, on each stream and (0) on all together.
        var windows: [UInt32: Int] = [0: 65_535]
        var windowOfStream = 65_535
        var isBroken = false
        /// When the calls that wait for a reader end.
        var ends: [(stream: UInt32, at: Duration)] = []
    }

    private let cluster: FakeCluster
    private let pod: String
    private let state = Mutex(State())

    init(_ cluster: FakeCluster, pod: String) {
        self.cluster = cluster
        self.pod = pod
        if cluster.rpc.withLock({ $0?.standbys.contains(pod) }) == true { state.withLock { $0.isBroken = true } }
    }

    /// The block of a file of one block.
    static func block(of path: String) -> Int64 {
        path.utf8.reduce(5381) { ($0 &* 33 &+ Int64($1)) & Int64.max }
    }

    func send(_ bytes: [UInt8]) async throws(ClusterError) {
        let frames: [HTTP2Frame] = state.withLock { state in
            state.input += bytes
            if !state.hasPreface, state.input.count >= 24 {
                state.input.removeFirst(24)
                state.hasPreface = true
                state.output += HTTP2Frame.settings.bytes
            }
            let frames = state.hasPreface ? HTTP2Frame.parse(state.input) : []
            state.input.removeFirst(frames.reduce(0) { $0 + 9 + $1.payload.count })
            return frames
        }
        for frame in frames {
            if frame.kind == .data, !frame.payload.isEmpty { answer(frame) } else { state.withLock { $0.note(frame) } }
        }
    }

    func receive(timeout: Duration) async throws(ClusterError) -> [UInt8]? {
        let (output, isBroken) = state.withLock { state in
            defer { state.output = [] }
            if state.output.isEmpty, let list = state.list?.frames(&state.windows) { return (list, state.isBroken) }
            return (state.output, state.isBroken)
        }
        if !output.isEmpty { return output }
        if isBroken { return [] }
        guard let end = state.withLock({ $0.ends.first }), end.at - cluster.monotonicTime() <= timeout else {
            try await cluster.sleep(for: timeout)
            return nil
        }
        try await cluster.sleep(for: max(.zero, end.at - cluster.monotonicTime()))
        state.withLock { _ = $0.ends.removeFirst() }
        return HTTP2Frame(kind: .reset, stream: end.stream, payload: HTTP2Frame.bigEndian(8)).bytes
    }

    func close() {}

    private func answer(_ frame: HTTP2Frame) {
        let message: [UInt8]? = state.withLock { state in
            let all = (state.messages[frame.stream] ?? []) + frame.payload
            state.messages[frame.stream] = all
            let count = all.prefix(5).dropFirst().reduce(0) { $0 << 8 | Int($1) }
            return all.count >= 5 + count ? Array(all.dropFirst(5).prefix(count)) : nil
        }
        guard let message else { return }
        let faults = cluster.rpc.withLock { $0 ?? Faults() }
        if frame.stream == 1 { return faults.isNOSASL ? reply(1, nil, status: 12) : reply(1, [8, 1], isOpen: true) }
        if faults.hangsList, frame.stream > 3, pod.contains("master") { return }
        if faults.blockCount != nil, frame.stream > 3, let worker = pods().last?.id {
            let list = EndlessList(stream: frame.stream, blocks: faults.blockCount ?? 0, worker: worker)
            return state.withLock { $0.list = list }
        }
        if pod.contains("master") {
            if let refusal = faults.refusal { return reply(frame.stream, nil, status: refusal) }
            if frame.stream == 3, !message.isEmpty { return takeOutOfService(message) }
            return frame.stream == 3 ? reply(3, workers()) : reply(frame.stream, files(), isCut: faults.cutsList)
        }
        remove(message, frame.stream, faults)
    }

    private func takeOutOfService(_ message: [UInt8]) {
        var reader = ProtobufReader(message)
        guard let host = (try? reader.next()).flatMap({ reader.text($0.value) }) else { return }  // is refused
        cluster.state.withLock { $0.takenOut.append((host, message)) }
        reply(3, [])
    }

    private func remove(_ message: [UInt8], _ stream: UInt32, _ faults: Faults) {
        var reader = ProtobufReader(message)
        guard let id = try? reader.next()?.value.int64 else { return reply(stream, nil, status: 2) }  // no id
        var isHeld = false
        let isAnswered: Bool = cluster.state.withLock { state in
            if faults.locked.contains(where: { Self.block(of: $0) == id }) {
                state.askedLocked += 1
                isHeld = true
                return false
            }
            if state.removed.count >= faults.removalsMax { return false }
            state.held[pod]?.removeAll { Self.block(of: $0.path) == id }
            state.removed.append(id)
            return true
        }
        if isHeld { state.withLock { $0.ends.append((stream, cluster.monotonicTime() + .seconds(10))) } }
        if isAnswered { reply(stream, []) }
        if cluster.state.withLock({ $0.removed.count }) >= faults.removalsMax { state.withLock { $0.isBroken = true } }
    }

    private func reply(
        _ stream: UInt32, _ message: [UInt8]?, status: Int = 0, isOpen: Bool = false, isCut: Bool = false
    ) {
        var frames = [HTTP2Frame.head(stream, [(":status", "200"), ("content-type", "application/grpc")])]
        if let message {
            let count = isCut ? message.count + 9 : message.count
            var rest = ([0] + HTTP2Frame.bigEndian(UInt32(count)) + message)[...]
            while !rest.isEmpty {
                frames.append(.data(stream, Array(rest.prefix(16_384))))
                rest = rest.dropFirst(16_384)
            }
        }
        if !isOpen {
            let end = HTTP2Frame.endHeaders | HTTP2Frame.endStream
            frames.append(.head(stream, [("grpc-status", "\(status)")], flags: end))
        }
        let bytes = frames.flatMap(\.bytes)
        state.withLock { $0.output += bytes }
    }

    // MARK: What the master says

    private func pods() -> [(name: String, id: Int64)] {
        cluster.state.withLock { $0.held.keys.sorted() }.enumerated().map { ($1, Int64($0) + 100) }
    }

    private func workers() -> [UInt8] {
        var message = ProtobufWriter()
        for (name, id) in pods() {
            let address = "10.1.1.\(name.split(separator: "-").last ?? "")"
            message.add(1) { worker in
                worker.add(1, id)
                worker.add(2) {
                    $0.add(1, address); $0.add(2, 29999 as Int64)
                }
            }
        }
        return message.bytes
    }

    private func files() -> [UInt8] {
        let held = cluster.state.withLock { $0.held }
        var holders: [String: [Int64]] = [:]
        var files: [String: FakeCluster.File] = [:]
        for (name, id) in pods() {
            for file in held[name] ?? [] {
                holders[file.path, default: []].append(id)
                files[file.path] = file
            }
        }
        var message = ProtobufWriter()
        for (path, file) in files.sorted(by: { $0.key < $1.key }) {
            message.add(1) { info in
                info.add(3, path)
                info.add(8, true)
                info.add(10, file.isPinned)
                info.add(19, file.isPersisted ? "PERSISTED" : "NOT_PERSISTED")
                info.add(30, file.replicationMin)
                info.add(21) { block in
                    block.add(1) { block in
                        block.add(1, Self.block(of: path))
                        block.add(2, file.bytes)
                        for holder in holders[path] ?? [] { block.add(3) { $0.add(1, holder) } }
                    }
                }
            }
        }
        return message.bytes
    }
}

extension FakeRPC.State {
    /// Takes in what the client says of its windows.
    fileprivate mutating func note(_ frame: HTTP2Frame) {
        switch frame.kind {
        case .settings where frame.flags & HTTP2Frame.acknowledgement == 0:
            output += HTTP2Frame(kind: .settings, flags: HTTP2Frame.acknowledgement).bytes
            for start in stride(from: 0, to: frame.payload.count - 5, by: 6) where frame.payload[start + 1] == 4 {
                windowOfStream = frame.payload[start + 2..<start + 6].reduce(0) { $0 << 8 | Int($1) }
            }
        case .headers: windows[frame.stream] = windowOfStream
        case .windowUpdate: windows[frame.stream, default: 0] += Int(frame.number)
        default: break
        }
    }
}
