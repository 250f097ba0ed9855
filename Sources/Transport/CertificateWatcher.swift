internal import CLinux
internal import Glibc

/// Tells a certificate store when its files may have changed.
///
/// The directories are watched and not the files: certificates are replaced by renaming, and in a mounted Kubernetes
/// Secret by turning the link `..data`. What no event tells (a link's target elsewhere, a network file system) is found
/// by a look now and then. Lives on its loop's thread.
final class CertificateWatcher {
    private let store: CertificateStore
    private let loop: EventLoop
    private let interval: Duration
    private let inotify: Int32
    private var registration: Registration?
    private var pendingLook: TimerToken?
    private var nextLook: TimerToken?

    /// Several events of one change come close together; they are looked at as one, after this time.
    private static let settlingTime = Duration.milliseconds(50)

    init(store: CertificateStore, loop: EventLoop, interval: Duration) {
        self.store = store
        self.loop = loop
        self.interval = interval
        inotify = inotify_init1(Int32(IN_CLOEXEC | IN_NONBLOCK))
        let files = store.files
        for path in Set([files.certificate, files.privateKey] + (files.clientAuthorities.map { [$0] } ?? [])) {
            let directory = Self.directory(of: path)
            let events = IN_CREATE | IN_MOVED_TO | IN_CLOSE_WRITE | IN_DELETE | IN_ATTRIB
            // Without a watch, the look now and then still finds changes.
            _ = unsafe inotify_add_watch(inotify, directory, UInt32(events))
        }
        // Likewise without a place in epoll.
        registration = try? loop.register(inotify, interest: .read) { [weak self] _ in self?.drain() }
        // What changed between the first load and this watch was told to nobody.
        store.reload()
        lookLater()
    }

    deinit {
        _ = close(inotify)
    }

    /// Ends the watch.
    func stop() {
        if let registration { loop.deregister(registration) }
        registration = nil
        if let pendingLook { loop.cancel(pendingLook) }
        if let nextLook { loop.cancel(nextLook) }
    }

    private static func directory(of path: String) -> String {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// What happened does not matter, only that something did.
    private func drain() {
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = unsafe buffer.withUnsafeMutableBytes {
                unsafe Glibc.read(inotify, $0.baseAddress, $0.count)
            }
            if count <= 0 { break }
        }
        guard pendingLook == nil else { return }
        pendingLook = loop.schedule(after: Self.settlingTime) { [weak self] in
            self?.pendingLook = nil
            self?.store.reload()
        }
    }

    private func lookLater() {
        nextLook = loop.schedule(after: interval) { [weak self] in
            self?.store.reload()
            self?.lookLater()
        }
    }
}
