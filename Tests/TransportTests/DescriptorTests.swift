import Glibc
import Testing

@testable import Transport

/// Out of descriptors, in a process of its own each.
@Suite(.timeLimit(.minutes(2)))
struct DescriptorTests {
    /// Leaves the process one descriptor more than it has, which the test's own next socket takes.
    private static func leaveOne() {
        let free = unsafe open("/dev/null", O_RDONLY)
        close(free)
        var limit = rlimit()
        _ = unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        limit.rlim_cur = rlim_t(free + 1)
        _ = unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }

    /// Serves idle clients, then a probe for which there is no descriptor; gives whether it was answered.
    static func probe(idlePlain: Bool) throws -> Bool {
        let server = try TestServer()
        let idle = try (0..<4).map { _ in try server.connect(plain: idlePlain) }
        for client in idle { _ = try client.get() }
        leaveOne()
        let probe = try server.connect(plain: true)
        let answer = try probe.get("/healthz")
        let gone = try idle[0].rest()
        // One more than needed may go: the system asks for a descriptor before it looks whether anybody waits.
        return answer == "GET /healthz 0" && gone.isEmpty && server.server.statistics.connections >= 2
    }

    @Test func `the longest idle connection makes room`() async {
        await #expect(processExitsWith: .success) {
            exit(try DescriptorTests.probe(idlePlain: true) ? 0 : 1)
        }
    }

    @Test func `an idle connection of the other listener makes room for a probe`() async {
        await #expect(processExitsWith: .success) {
            exit(try DescriptorTests.probe(idlePlain: false) ? 0 : 1)
        }
    }
}
