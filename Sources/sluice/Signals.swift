internal import CLinux
internal import Glibc
internal import Transport

/// What the system, or a person, asks of the running process.
enum ProcessSignal: Sendable, Equatable {
    /// SIGTERM or SIGINT: finish what runs, then end.
    case terminate
    /// SIGHUP: look at the files again.
    case reload
}

/// Turns signals into calls on a loop's thread, where everything may be done that a handler may not.
enum Signals {
    /// Keeps the signals we wait for from ending the process; before any thread is started, which inherits that.
    static func block() {
        var set = wanted()
        _ = unsafe pthread_sigmask(SIG_BLOCK, &set, nil)
        // A peer that went away is an error of the write, not the end of the process.
        _ = signal(SIGPIPE, SIG_IGN)
    }

    /// Calls `handler` on the loop's thread for each signal from now on; on the loop's thread, after `block`.
    ///
    /// A second request to terminate ends the process at once, with the status that a shell shows for the signal.
    static func watch(on loop: EventLoop, _ handler: @escaping (ProcessSignal) -> Void) throws(SystemError) {
        var set = wanted()
        let descriptor = unsafe signalfd(-1, &set, Int32(SFD_CLOEXEC) | Int32(SFD_NONBLOCK))
        guard descriptor >= 0 else { throw SystemError("signalfd", number: errno) }
        var isTerminating = false
        _ = try loop.register(descriptor, interest: .read) { _ in
            var info = signalfd_siginfo()
            let size = MemoryLayout<signalfd_siginfo>.size
            while unsafe read(descriptor, &info, size) == size {
                let number = Int32(info.ssi_signo)
                if number == SIGHUP {
                    handler(.reload)
                    continue
                }
                if isTerminating { _exit(128 + number) }
                isTerminating = true
                handler(.terminate)
            }
        }
    }

    private static func wanted() -> sigset_t {
        var set = sigset_t()
        unsafe sigemptyset(&set)
        for number in [SIGTERM, SIGINT, SIGHUP] { unsafe sigaddset(&set, number) }
        return set
    }
}
