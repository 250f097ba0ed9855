internal import Controller
internal import Glibc

/// What the kernel knows of this process, as Prometheus clients commonly report it (Linux: proc(5)).
enum ProcessStatistics {
    /// The most bytes read of a file below /proc.
    private static let bytesMax = 1 << 16

    /// Writes the process's figures into `metrics`; a figure that can't be read is left as it was.
    static func record(in metrics: Metrics) {
        // Field 2 of statm is the resident set in pages.
        if let pages = words("/proc/self/statm").dropFirst().first.flatMap({ Double($0) }) {
            metrics.set(.processResidentMemory, to: pages * Double(sysconf(Int32(_SC_PAGESIZE))))
        }
        var usage = rusage()
        if unsafe getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage) == 0 {
            let seconds = usage.ru_utime.tv_sec + usage.ru_stime.tv_sec
            let microseconds = usage.ru_utime.tv_usec + usage.ru_stime.tv_usec
            metrics.set(.processCPU, to: Double(seconds) + Double(microseconds) / 1e6)
        }
        if let names = try? FileReading.names(in: "/proc/self/fd") {
            // Without /proc there is no figure to report.
            metrics.set(.processDescriptors, to: Double(names.count))
        }
    }

    private static func words(_ path: String) -> [Substring] {
        // Without /proc there is no figure to report.
        guard let bytes = try? FileReading.bytes(path, max: bytesMax) else { return [] }
        return String(decoding: bytes, as: UTF8.self).split(separator: " ")
    }
}
