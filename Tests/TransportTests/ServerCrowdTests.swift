import Testing
import Wire

@testable import Transport

/// Too many connections: who goes, and who never does.
@Suite(.threaded, .timeLimit(.minutes(2)))
struct ServerCrowdTests {
    @Test func `whoever never asked goes before whoever was served, and the oldest first`() {
        func rank(_ kind: Dispensability.Kind, crowd: Int = 1, since: Int64, id: UInt64 = 1) -> Dispensability {
            Dispensability(kind: kind, crowd: crowd, since: MonotonicTime(nanoseconds: since), id: id)
        }
        let order = [
            rank(.neverAsked, since: 5), rank(.neverAsked, crowd: 100, since: 6), rank(.neverAsked, since: 6, id: 2),
            rank(.idle, crowd: 9, since: 4), rank(.idle, crowd: 2, since: 1), rank(.idle, crowd: 2, since: 2),
            rank(.stalled, crowd: 3, since: 3), rank(.stalled, crowd: 1, since: 1),
        ]
        #expect(order.reversed().sorted() == order)
    }

    @Test(arguments: [false, true])
    func `a served connection outlives any number that never speak`(plain: Bool) async throws {
        try await withServer({
            $0.maximumConnections = 16
            $0.maximumConnectionsPerPeer = 12
            $0.maximumPlainConnections = 16
            $0.maximumPlainConnectionsPerPeer = 12
        }) { server in
            let served = try server.connect(plain: plain)
            #expect(try served.get() == "GET / 0")
            let port = plain ? server.plainPort : server.tlsPort
            var silent: [TestClient] = []
            for number in 0..<200 {
                silent.append(try TestClient(port: port, tls: nil))
                if number % 50 == 0 {
                    #expect(try served.get() == "GET / 0")
                    // Somebody new is served as well.
                    #expect(try server.connect(plain: plain).get() == "GET / 0")
                }
            }
            waitUntil { server.server.statistics.accepted >= 205 }
            #expect(try served.get("/still") == "GET /still 0")
            #expect(server.server.statistics.connections <= 12)
            // The oldest have gone, the newest are there.
            #expect(try silent[0].rest() == "")
            #expect(server.server.statistics.refused >= 180)
        }
    }

    @Test func `one address can't take all places`() async throws {
        try await withServer({
            $0.maximumPlainConnections = 16
            $0.maximumPlainConnectionsPerPeer = 4
        }) { server in
            let other = try server.connect(plain: true, from: [127, 0, 0, 2])
            let many = try (0..<10).map { _ in
                let client = try server.connect(plain: true)
                #expect(try client.get() == "GET / 0")
                return client
            }
            #expect(server.server.statistics.connections == 5)
            // The longest idle of the crowd went, and not the stranger.
            #expect(try other.get() == "GET / 0")
            #expect(try many[9].get() == "GET / 0")
            #expect(try many[0].rest() == "")
        }
    }

    @Test func `those that were never answered anything have places of their own`() async throws {
        try await withServer({
            $0.maximumUnservedConnections = 3
            $0.maximumConnectionsPerPeer = 100
        }) { server in
            let silent = try (0..<10).map { _ in try TestClient(port: server.tlsPort, tls: nil) }
            waitUntil { server.server.statistics.accepted == 10 }
            #expect(server.server.statistics.connections == 3)
            #expect(try silent[6].rest() == "")
        }
    }

    @Test func `whoever has not asked yet does not go for a crowd of served ones`() async throws {
        try await withServer({
            $0.maximumPlainConnections = 8
            $0.maximumPlainConnectionsPerPeer = 8
        }) { server in
            func crowd() throws -> [TestClient] {
                try (0..<8).map { _ in
                    let client = try server.connect(plain: true, from: [127, 0, 0, 2])
                    #expect(try client.get() == "GET / 0")
                    return client
                }
            }
            let before = try crowd()
            let probe = try server.connect(plain: true)
            waitUntil { server.server.statistics.accepted == 9 }
            let after = try crowd()
            #expect(try probe.get("/healthz") == "GET /healthz 0")
            withExtendedLifetime((before, after)) {}
        }
    }

    @Test func `whoever does not read its answers makes room for a probe`() async throws {
        try await withServer({
            $0.maximumPlainConnections = 3
            $0.maximumPlainConnectionsPerPeer = 3
            $0.maximumPlainBytesInFlight = 64 << 20
        }) { server in
            let stalled = try (0..<3).map { _ in
                let client = try server.connect(plain: true)
                for _ in 0..<5 { try client.send("GET /large HTTP/1.1\r\nHost: x\r\n\r\n") }
                return client
            }
            waitUntil { server.server.statistics.requests >= 3 && server.server.statistics.bytesInFlight > 0 }
            for _ in 0..<5 { #expect(try server.connect(plain: true).get("/healthz") == "GET /healthz 0") }
            withExtendedLifetime(stalled) {}
        }
    }

    @Test func `few handshakes are gone on with in a round, and the rest in the next`() async throws {
        let events = try EventLoop(name: "test")
        try events.start()
        let rounds: [[Bool]] = await withCheckedContinuation { continuation in
            events.execute {
                let limits = ServerLimits(
                    requests: HTTP1Limits(), connections: 8, connectionsPerPeer: 8, unservedConnections: 8,
                    budget: ByteBudget(limit: 1))
                let loop = ServerLoop(
                    events: events, settings: ServerSettings(), counters: ServerCounters(), limits: limits)
                let first = (0..<10).map { _ in loop.mayShakeHands() }
                events.schedule(after: .zero) {
                    continuation.resume(returning: [first, (0..<10).map { _ in loop.mayShakeHands() }])
                }
            }
        }
        events.stop()
        events.join()
        #expect(rounds.map { $0.count { $0 } } == [4, 4])
    }

    @Test func `the numbers of connections follow from the descriptors that there may be`() throws {
        var settings = ServerSettings()
        settings.fit(10_000)
        #expect(settings.maximumConnections == 1024 && settings.maximumPlainConnections == 256)
        settings.fit(400)
        #expect(settings.maximumConnections == 300 && settings.maximumPlainConnections == 100)
        #expect(settings.maximumConnectionsPerPeer == 256 && settings.maximumPlainConnectionsPerPeer == 100)
        settings.fit(16)
        #expect(settings.maximumConnections == 12 && settings.maximumPlainConnections == 4)
        #expect(try DescriptorLimit.forConnections(limit: 1024, inUse: 24) == 936)
        #expect(try DescriptorLimit.forConnections(limit: 64, inUse: 24) == 20)
        let error = #expect(throws: SystemError.self) { try DescriptorLimit.forConnections(limit: 50, inUse: 24) }
        #expect(error?.description.contains("RLIMIT_NOFILE") == true)
        #expect(DescriptorLimit.inUse() > 3)
    }
}
