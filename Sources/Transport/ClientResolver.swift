internal import CLinux
internal import Glibc
internal import Synchronization

/// One address of a host, as connect(2) takes it.
struct ClientAddress: Sendable {
    let family: Int32
    let bytes: [UInt8]
}

/// Turns names into addresses without holding up a loop: getaddrinfo(3) blocks, so that it runs on a thread of its own.
@safe
enum ClientResolver {
    /// The most look-ups at a time in the process; the C library ends each after a few of its own timeouts.
    private static let threadsMax = 8
    /// The most addresses that are tried.
    private static let addressesMax = 8
    private static let threads = Atomic<Int>(0)

    private final class Job: Sendable {
        let host: String
        let port: UInt16
        let done: @Sendable (Result<[ClientAddress], ClientError>) -> Void

        init(_ host: String, _ port: UInt16, _ done: @escaping @Sendable (Result<[ClientAddress], ClientError>) -> Void)
        {
            self.host = host
            self.port = port
            self.done = done
        }
    }

    /// Calls `done` once: at once for an IP address, else later from another thread.
    static func resolve(
        _ host: String, port: UInt16, done: @escaping @Sendable (Result<[ClientAddress], ClientError>) -> Void
    ) {
        if case .success(let addresses) = lookUp(host, port, flags: AI_NUMERICHOST) { return done(.success(addresses)) }
        guard threads.add(1, ordering: .relaxed).newValue <= threadsMax else {
            threads.subtract(1, ordering: .relaxed)
            return done(.failure(.unreachable("look-up of \(host): too many look-ups at a time")))
        }
        let job = unsafe Unmanaged.passRetained(Job(host, port, done))
        var thread = pthread_t()
        let result = unsafe pthread_create(
            &thread, nil,
            { context in
                guard let context = unsafe context else { return nil }
                let job = unsafe Unmanaged<Job>.fromOpaque(context).takeRetainedValue()
                job.done(ClientResolver.lookUp(job.host, job.port, flags: 0))
                ClientResolver.threads.subtract(1, ordering: .relaxed)
                return nil
            }, job.toOpaque())
        guard result == 0 else {
            unsafe job.release()
            threads.subtract(1, ordering: .relaxed)
            return done(.failure(.unreachable(SystemError("pthread_create", number: result).description)))
        }
        _ = pthread_detach(thread)
    }

    private static func lookUp(_ host: String, _ port: UInt16, flags: Int32) -> Result<[ClientAddress], ClientError> {
        var hints = unsafe addrinfo()
        unsafe hints.ai_family = AF_UNSPEC
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        unsafe hints.ai_flags = flags | AI_NUMERICSERV
        var list: UnsafeMutablePointer<addrinfo>?
        let result = unsafe getaddrinfo(host, String(port), &hints, &list)
        guard result == 0 else {
            let text = unsafe gai_strerror(result).map { unsafe String(cString: $0) } ?? "error \(result)"
            return .failure(.unreachable("look-up of \(host): \(text)"))
        }
        defer { unsafe freeaddrinfo(list) }
        var addresses: [ClientAddress] = []
        var next = unsafe list
        while let entry = unsafe next?.pointee, addresses.count < addressesMax {
            if let address = unsafe entry.ai_addr {
                let bytes = unsafe UnsafeRawBufferPointer(start: address, count: Int(entry.ai_addrlen))
                addresses.append(ClientAddress(family: unsafe entry.ai_family, bytes: unsafe [UInt8](bytes)))
            }
            unsafe next = entry.ai_next
        }
        return addresses.isEmpty ? .failure(.unreachable("look-up of \(host): no address")) : .success(addresses)
    }
}
