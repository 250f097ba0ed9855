internal import CLinux
internal import Glibc

/// A listening socket on a loop; what it accepts is handed on.
///
/// Belongs to its loop's thread, but for `init` and `address`; that is why it may be passed to the loop.
final class ServerListener: @unchecked Sendable {
    let address: SocketAddress
    private var descriptor: Int32
    let loop: EventLoop
    private let accepted: (Int32, SocketAddress) -> Void
    private let makeRoom: () -> Bool
    private var registration: Registration?

    /// How many connections are taken before other events have their turn.
    private static let batch = 64
    /// How long no more are taken when the process is out of descriptors and none could be freed.
    private static let pauseWithoutDescriptors = Duration.milliseconds(20)

    /// Opens the socket; connections wait in its queue until `start`.
    ///
    /// `makeRoom` closes a connection where the process is out of descriptors; false if it can't, or not at once.
    init(
        _ address: SocketAddress, loop: EventLoop, accepted: @escaping (Int32, SocketAddress) -> Void,
        makeRoom: @escaping () -> Bool
    ) throws(SystemError) {
        let operation = "listen on \(address)"
        let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        let socket = Glibc.socket(address.family, type, 0)
        guard socket >= 0 else { throw .last(operation) }
        do throws(SystemError) {
            try Self.set(socket, SOL_SOCKET, SO_REUSEADDR, 1, operation)
            // Inherited by what is accepted, which saves a call each.
            try Self.set(socket, Int32(IPPROTO_TCP), TCP_NODELAY, 1, operation)
            if address.family == AF_INET6 { try Self.set(socket, Int32(IPPROTO_IPV6), IPV6_V6ONLY, 0, operation) }
            let bound = unsafe address.withSocketAddress { unsafe Glibc.bind(socket, $0, $1) }
            guard bound == 0, Glibc.listen(socket, SOMAXCONN) == 0 else { throw .last(operation) }
        } catch {
            _ = close(socket)
            throw error
        }
        let (_, actual) = unsafe SocketAddress.filled { unsafe getsockname(socket, $0, $1) }
        self.address = actual ?? address
        self.descriptor = socket
        self.loop = loop
        self.accepted = accepted
        self.makeRoom = makeRoom
    }

    private static func set(
        _ socket: Int32, _ level: Int32, _ option: Int32, _ value: Int32, _ operation: String
    ) throws(SystemError) {
        var value = value
        guard unsafe setsockopt(socket, level, option, &value, socklen_t(MemoryLayout<Int32>.size)) == 0 else {
            throw .last(operation)
        }
    }

    deinit {
        if descriptor >= 0 { _ = close(descriptor) }
    }

    /// Begins to accept.
    func start() {
        do throws(SystemError) {
            registration = try loop.register(descriptor, interest: .read) { [weak self] _ in self?.accept() }
        } catch {
            // The machine is out of memory or watches, and nothing can be served.
            preconditionFailure("epoll does not take a listening socket: \(error)")
        }
    }

    /// Accepts what waits already, and then no more: who comes later is refused by the system.
    func stop() {
        guard let registration else { return }
        accept(Int(SOMAXCONN))
        loop.deregister(registration)
        self.registration = nil
        _ = close(descriptor)
        descriptor = -1
    }

    private func accept(_ most: Int = ServerListener.batch) {
        for _ in 0..<most {
            let (socket, peer) = unsafe SocketAddress.filled { unsafe CLinux_accept(descriptor, $0, $1) }
            if socket >= 0 {
                accepted(socket, peer ?? SocketAddress(bytes: [0, 0, 0, 0], port: 0))
                continue
            }
            if errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM {
                // The system looks for a descriptor before it looks whether anybody waits, so that one is left in the end.
                if makeRoom() { continue }
                return pause()
            }
            // Whatever else: nobody waits any more, or that one has gone already.
            if errno != ECONNABORTED && errno != EINTR { return }
        }
    }

    /// Without a free descriptor the socket would stay ready and the loop would spin.
    private func pause() {
        guard let registration else { return }
        loop.modify(registration, interest: [])
        loop.schedule(after: Self.pauseWithoutDescriptors) { [weak self] in
            guard let self, let registration = self.registration else { return }
            self.loop.modify(registration, interest: .read)
        }
    }
}
