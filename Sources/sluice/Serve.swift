internal import Controller
internal import Glibc
internal import Transport
internal import Wire

extension Sluice {
    /// Serves until a signal ends it.
    static func serve(_ settings: ServeSettings) throws(UsageError) -> ExitStatus {
        let hasCertificate = settings.selfSigned != nil || (settings.tlsCertificate != nil && settings.tlsKey != nil)
        guard hasCertificate || !settings.servesTLS else {
            throw UsageError(message: "which certificate? say --tls-cert F and --tls-key F, or --self-signed DIR")
        }
        // Before any thread is started, so that all of them inherit it.
        Signals.block()
        Memory.keepLittle()
        let log: LogWriter
        do throws(SystemError) {
            log = try LogWriter(format: settings.logFormat, level: settings.logLevel)
        } catch {
            Console.complain("sluice serve: \(error)")
            return .failure
        }
        defer { log.close() }
        do throws(StartError) {
            let service = try Service(settings, log: log)
            return try service.run()
        } catch {
            log.write(LogRecord(.error, "cannot start", [("reason", .string(error.reason))]))
            Console.complain("sluice serve: \(error.reason)")
            return .failure
        }
    }
}

/// Why the process can't start, and what to do about it.
struct StartError: Error {
    let reason: String
}
