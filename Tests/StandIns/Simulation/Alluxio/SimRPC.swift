import Kubernetes
import Wire

/// Alluxio's RPC at one pod, as one connection sees it: a master's lists, or a worker that removes its blocks.
///
/// Heads are not read: on a master the streams after the authentication are the list of workers, which asks nothing, and the
/// list of files, or a worker to be taken out of service.
final class SimRPC: ByteStream, @unchecked Sendable {
    // The world's one thread is the only one that touches it.
    private let world: SimWorld
    private let process: SimProcess
    private let pod: SimPod
    /// Which life of the container it talks to.
    private let life: Int64
    private var input: [UInt8] = []
    private var output: [UInt8] = []
    private var hasPreface = false
    private var messages: [UInt32: [UInt8]] = [:]
    /// The streams that the client still waits for.
    private var open: Set<UInt32> = []
    /// The deadline of a removal, as its head says.
    private static let removalLimit: Int64 = .seconds(10)
    private var list: EndlessList?
    /// What the client lets us send, on each stream and (0) on all together; only an endless list heeds it.
    private var windows: [UInt32: Int] = [0: 65_535]
    private var windowOfStream = 65_535
    private var isBroken = false
    private var waiter: SimWaiter<Bool>?

    init(_ world: SimWorld, _ process: SimProcess, to pod: SimPod) {
        self.world = world
        self.process = process
        self.pod = pod
        life = pod.restarts
        // A master that does not lead closes each connection.
        isBroken = pod.isMaster && pod.ordinal != pod.runtime.alluxio.leader
    }

    func send(_ bytes: [UInt8]) async throws(ClusterError) {
        guard process.isAlive, !Task.isCancelled else { throw .cancelled }
        guard !isBroken else { throw .transport("connection reset") }
        input += bytes
        if !hasPreface, input.count >= 24 {
            input.removeFirst(24)
            hasPreface = true
            output += HTTP2Frame.settings.bytes
        }
        guard hasPreface else { return }
        let frames = HTTP2Frame.parse(input)
        input.removeFirst(frames.reduce(0) { $0 + 9 + $1.payload.count })
        for frame in frames {
            if frame.kind == .data, !frame.payload.isEmpty { take(frame) } else { note(frame) }
        }
    }

    /// Takes in what the client says of its windows.
    private func note(_ frame: HTTP2Frame) {
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

    func receive(timeout: Duration) async throws(ClusterError) -> [UInt8]? {
        guard process.isAlive, !Task.isCancelled else { throw .cancelled }
        if output.isEmpty, let bytes = list?.frames(&windows) { output = bytes }
        if output.isEmpty, !isBroken {
            let waiter = SimWaiter<Bool>()
            self.waiter = waiter
            world.after(Int64(microseconds: timeout)) { waiter.resume(true) }
            guard await waiter.wait(ifCancelled: false), process.isAlive else { throw .cancelled }
        }
        defer { output = [] }
        return output.isEmpty && !isBroken ? nil : output
    }

    func close() {}

    private func take(_ frame: HTTP2Frame) {
        let all = (messages[frame.stream] ?? []) + frame.payload
        messages[frame.stream] = all
        let count = all.prefix(5).dropFirst().reduce(0) { $0 << 8 | Int($1) }
        guard all.count >= 5 + count else { return }
        begin(Array(all.dropFirst(5).prefix(count)), frame.stream)
    }

    // MARK: Calls

    private func begin(_ message: [UInt8], _ stream: UInt32) {
        open.insert(stream)
        let plan = pod.runtime.plan
        if stream == 1 { return plan.isWithoutSASL ? reply(1, nil, status: 12) : reply(1, [8, 1], isOpen: true) }
        let isList = pod.isMaster && (stream > 3 || message.isEmpty)
        let tags = pod.isMaster ? ["rpc master"] : ["rpc worker"]
        let effect = world.drawn(
            ["rpc"] + tags + (isList ? [stream == 3 ? "rpc workers" : "rpc files"] : []), process)
        if pod.isMaster, stream > 3, let count = plan.listedBlocks, let worker = pod.runtime.alluxio.registrations.last
        {
            list = EndlessList(stream: stream, blocks: count, worker: worker.id)
            return
        }
        switch effect {
        case .lost: return
        case .status: return after { self.reply(stream, nil, status: 7) }
        case .unreachable, .killed: return after { self.fail() }
        case .garbage: return after { self.reply(stream, [0xFF, 0xFF, 0xFF]) }
        case .refused: return after { self.reply(stream, nil, status: 13) }
        default: break
        }
        var delay = world.random.between(.milliseconds(2), .milliseconds(400))
        if case .slow(let more) = effect { delay += more }
        if pod.isMaster, stream == 3, !message.isEmpty {
            world.oracle.lastCommand = "decommissionWorker"
            if case .late(let more) = effect { delay += more }
            return world.after(delay) { [self] in takeOutOfService(message, stream, effect) }
        }
        if pod.isMaster {
            // What is told is as old as the answer takes.
            let answer = stream == 3 ? workers() : files()
            let isReady = !pod.runtime.alluxio.isInSafeMode
            return end(stream, isReady ? answer : nil, isReady ? 0 : 14, effect, after: delay)
        }
        remove(message, stream, effect, after: delay)
    }

    private func end(
        _ stream: UInt32, _ answer: [UInt8]?, _ status: Int, _ effect: SimFault.Effect?, after delay: Int64
    ) {
        if effect == .trickling, let answer { return trickle(stream, answer) }
        switch effect {
        case .answerLost: return
        case .cut, .killedLate:
            return world.after(delay) { [self] in
                if let answer { reply(stream, Array(answer.prefix(answer.count / 2)), isCut: true) }
                fail()
            }
        default: world.after(delay) { [self] in reply(stream, answer, status: status) }
        }
    }

    private func takeOutOfService(_ message: [UInt8], _ stream: UInt32, _ effect: SimFault.Effect?) {
        guard pod.restarts == life, pod.isRunning else { return fail() }
        guard pod.runtime.alluxio.hasWorkerCommands else { return reply(stream, nil, status: 12) }
        var reader = ProtobufReader(message)
        var fields: [Int: ProtobufValue] = [:]
        while let field = try? reader.next() { fields[field.number] = field.value }
        // Host, port, and that whoever is there after it may register.
        guard let host = fields[1].flatMap({ reader.text($0) }), fields[2]?.int64 ?? 0 > 0, fields[3]?.bool == true
        else { return reply(stream, nil, status: 13) }
        world.oracle.reach("decommission by RPC")
        world.note("\(process.user) has \(host) taken out of service")
        let isKnown = effect != .notKnown && pod.runtime.alluxio.decommission(host: host)
        end(stream, isKnown ? [] : nil, isKnown ? 0 : 5, effect, after: 0)
    }

    /// A worker waits up to a minute for whoever reads a block, whether or not anybody still waits for its answer.
    private func remove(_ message: [UInt8], _ stream: UInt32, _ effect: SimFault.Effect?, after delay: Int64) {
        var reader = ProtobufReader(message)
        guard let block = (try? reader.next())?.value.int64 else { return reply(stream, nil, status: 3) }
        world.note("\(process.user) has \(pod.key.name) remove block \(block).")
        let deadline = world.now + .seconds(60)
        world.after(Self.removalLimit) { [self] in
            guard !isBroken, pod.restarts == life, pod.isRunning, pod.node?.isUp == true, open.remove(stream) != nil
            else {
                return
            }
            output += HTTP2Frame(kind: .reset, stream: stream, payload: HTTP2Frame.bigEndian(8)).bytes
            waiter?.resume(true)
        }
        world.after(delay) { [self] in removeUnlocked(block, stream, effect, deadline) }
    }

    private func removeUnlocked(_ block: Int64, _ stream: UInt32, _ effect: SimFault.Effect?, _ deadline: Int64) {
        guard let worker = pod.runtime.alluxio.worker(pod), worker.isUp, pod.restarts == life else { return fail() }
        if let copy = worker.disk.copies.first(where: { $0.block == block }) {
            guard copy.lockedUntil <= world.now else {
                guard world.now < deadline else { return end(stream, nil, 4, effect, after: 0) }
                return world.after(.seconds(1)) { [self] in removeUnlocked(block, stream, effect, deadline) }
            }
            world.oracle.removed(copy, from: worker, by: process, asked: deadline - .seconds(60))
            pod.runtime.alluxio.removeBlock(block, at: worker)
        }
        end(stream, [], 0, effect, after: 0)
    }

    // MARK: Answers

    private func after(_ body: @escaping () -> Void) {
        world.after(world.random.between(.milliseconds(1), .milliseconds(200)), body)
    }

    private func fail() {
        isBroken = true
        waiter?.resume(true)
    }

    private func reply(
        _ stream: UInt32, _ message: [UInt8]?, status: Int = 0, isOpen: Bool = false, isCut: Bool = false
    ) {
        guard pod.restarts == life, pod.isRunning, pod.node?.isUp == true else { return fail() }
        guard isOpen ? open.contains(stream) : open.remove(stream) != nil else { return }
        var frames = [HTTP2Frame.head(stream, [(":status", "200"), ("content-type", "application/grpc")])]
        if let message {
            let count = isCut ? message.count + 9 : message.count
            var rest = ([0] + HTTP2Frame.bigEndian(UInt32(count)) + message)[...]
            while !rest.isEmpty {
                frames.append(.data(stream, Array(rest.prefix(16_384))))
                rest = rest.dropFirst(16_384)
            }
        }
        if !isOpen, !isCut {
            let flags = HTTP2Frame.endHeaders | HTTP2Frame.endStream
            frames.append(.head(stream, [("grpc-status", "\(status)")], flags: flags))
        }
        output += frames.flatMap(\.bytes)
        waiter?.resume(true)
    }

    /// Ten bytes every ten seconds.
    private func trickle(_ stream: UInt32, _ message: [UInt8]) {
        output += HTTP2Frame.head(stream, [(":status", "200"), ("content-type", "application/grpc")]).bytes
        var rest = ([0] + HTTP2Frame.bigEndian(UInt32(message.count)) + message)[...]
        func more() {
            guard pod.restarts == life, pod.isRunning, !isBroken else { return fail() }
            if rest.isEmpty {
                let end = HTTP2Frame.endHeaders | HTTP2Frame.endStream
                output += HTTP2Frame.head(stream, [("grpc-status", "0")], flags: end).bytes
            } else {
                output += HTTP2Frame.data(stream, Array(rest.prefix(10))).bytes
                rest = rest.dropFirst(10)
                world.after(.seconds(10)) { more() }
            }
            waiter?.resume(true)
        }
        more()
    }

    // MARK: What the master says

    private func workers() -> [UInt8] {
        let runtime = pod.runtime
        var message = ProtobufWriter()
        for registration in runtime.alluxio.registrations where registration.state == .live {
            let worker = registration.worker
            message.add(1) { entry in
                entry.add(1, registration.id)
                entry.add(2) { address in
                    address.add(1, worker.host)
                    address.add(2, worker.pod.webPort - 1)
                    address.add(4, worker.pod.webPort)
                    if !runtime.plan.hasHostNetwork { address.add(7, worker.pod.address) }
                }
            }
        }
        return message.bytes
    }

    private func files() -> [UInt8] {
        let alluxio = pod.runtime.alluxio
        var holders: [Int64: [Int64]] = [:]
        for registration in alluxio.registrations where registration.state == .live {
            for copy in registration.worker.disk.visible { holders[copy.block, default: []].append(registration.id) }
        }
        var message = ProtobufWriter()
        for file in alluxio.files {
            message.add(1) { entry in
                entry.add(3, file.path)
                entry.add(5, file.blockBytes * Int64(file.blocks.count))
                entry.add(8, file.isCompleted)
                entry.add(10, file.isPinned)
                entry.add(19, file.persistence.rawValue)
                entry.add(30, file.replicationMin)
                for block in file.blocks {
                    entry.add(21) { part in
                        part.add(1) { info in
                            info.add(1, block)
                            info.add(2, file.blockBytes)
                            for holder in holders[block] ?? [] { info.add(3) { $0.add(1, holder) } }
                        }
                    }
                }
            }
        }
        return message.bytes
    }
}
