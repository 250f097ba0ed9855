import Kubernetes
import Rules
import Synchronization
import Testing
import Wire

@testable import Controller

@Suite struct `A scale-down on a small cluster` {
    /// Passes and time, until nothing is left to do or the limit is reached; returns the virtual milliseconds.
    static func settle(
        _ cluster: FakeCluster, memory: inout DrainMemory, limit: Int = 400, until isDone: () -> Bool = { false }
    ) async throws -> Int64 {
        let pass = DrainPass(cluster: cluster, settings: ReconcilerSettings(), metrics: Metrics(), log: { _ in })
        let key = ObjectKey(namespace: "data", name: "hbase")
        let start = cluster.wallClockMilliseconds()
        for _ in 0..<limit {
            let again = try await pass.run(key, memory: &memory)
            if isDone() || again == nil {
                break
            }
            cluster.advance(max(again ?? .zero, .milliseconds(10)))
        }
        return cluster.wallClockMilliseconds() - start
    }

    static func files(_ names: String...) -> [FakeCluster.File] { names.map { FakeCluster.File(path: $0) } }

    @Test func `three to two: only what the leaving worker holds is freed, then it goes`() async throws {
        let cluster = FakeCluster(workers: 3, wanted: 2)
        cluster.fill("hbase-worker-0", Self.files("/d/a", "/d/b"))
        cluster.fill("hbase-worker-2", Self.files("/d/c", "/d/x y", "/own/1", "/own/2"))
        var memory = DrainMemory()
        let took = try await Self.settle(cluster, memory: &memory) { cluster.replicas == 2 }
        #expect(cluster.replicas == 2)
        #expect(cluster.frees.compactMap(\.last).sorted() == ["/d/c", "/d/x y", "/own"])
        #expect(cluster.held("hbase-worker-0") == ["/d/a", "/d/b"])
        #expect(took < 4000)
        _ = try await Self.settle(cluster, memory: &memory)
        #expect(cluster.annotation(Annotation.drainRecord) == nil && cluster.annotation(Annotation.drainStatus) == nil)
        #expect(cluster.reasons.first == "DrainStarted" && cluster.reasons.contains("WorkersRemoved"))
        let runtime = cluster.state.withLock { $0.objects[FakeCluster.runtimePath] }
        #expect(runtime?["spec"]?["replicas"] == 2)
        #expect(runtime?["metadata"]?["annotations"]?[Annotation.touched] != nil)
    }

    @Test(arguments: [("ContainerCreating", 2), ("ImagePullBackOff", 1)] as [(String, Int64)])
    func `a leaving pod that is about to start is waited for, one that can't start goes`(
        reason: String, replicas: Int64
    ) async throws {
        let cluster = FakeCluster(workers: 2, wanted: 1)
        let pod = "\(FakeCluster.podsPath)/hbase-worker-1"
        let waiting: JSON = ["name": "alluxio-worker", "state": ["waiting": ["reason": .string(reason)]]]
        cluster.state.withLock {
            $0.objects[pod]?["status"] = ["phase": "Pending", "containerStatuses": [waiting]]
        }
        var memory = DrainMemory()
        _ = try await Self.settle(cluster, memory: &memory, limit: 30) { cluster.replicas == 1 }
        #expect(cluster.replicas == replicas)
        #expect((cluster.annotation(Annotation.drainStatus)?.contains("WorkerUnreachable") == true) == (replicas == 2))
    }

    /// Another pod of that name, which can't start.
    private static func replace(_ name: String, of cluster: FakeCluster) {
        let pod = "\(FakeCluster.podsPath)/\(name)"
        let waiting: JSON = ["name": "alluxio-worker", "state": ["waiting": ["reason": "ImagePullBackOff"]]]
        cluster.state.withLock {
            $0.objects[pod]?["metadata"]?["uid"] = "the next"
            $0.objects[pod]?["status"] = ["phase": "Pending", "containerStatuses": [waiting]]
        }
    }

    /// The places where workers ran are remembered by a drain, whoever leaves, and beyond its cancel.
    @Test(arguments: [("hbase-worker-2", [2]), ("hbase-worker-1", [1]), ("hbase-worker-2", [3, 2])])
    func `a leaving pod whose predecessor ran is waited for even if it can't start`(
        name: String, wishes: [Int64]
    ) async throws {
        let cluster = FakeCluster(workers: 3, wanted: 2)
        cluster.fill("hbase-worker-2", [.init(path: "/d/new", isPersisted: false)])
        var memory = DrainMemory()
        _ = try await Self.settle(cluster, memory: &memory, limit: 10)
        Self.replace(name, of: cluster)
        cluster.fill("hbase-worker-2", [])
        for wish in wishes {
            cluster.want(wish)
            memory = DrainMemory()
            _ = try await Self.settle(cluster, memory: &memory, limit: 60) { cluster.replicas != 3 }
        }
        #expect(cluster.replicas == 3)
        #expect(cluster.annotation(Annotation.drainStatus)?.contains("WorkerUnreachable") == true)
    }

    @Test func `an unpersisted file blocks, is named, and nothing is freed or removed until it is persisted`()
        async throws
    {
        let cluster = FakeCluster(workers: 2, wanted: 1)
        cluster.fill("hbase-worker-1", [.init(path: "/d/a"), .init(path: "/d/new", isPersisted: false)])
        var memory = DrainMemory()
        _ = try await Self.settle(cluster, memory: &memory, limit: 30)
        #expect(cluster.replicas == 2 && cluster.frees.isEmpty)
        #expect(cluster.annotation(Annotation.drainStatus)?.contains("/d/new") == true)
        #expect(cluster.reasons == ["DrainStarted", "DrainBlocked"])
        cluster.fill("hbase-worker-1", Self.files("/d/a", "/d/new"))
        _ = try await Self.settle(cluster, memory: &memory)
        #expect(cluster.replicas == 1)
    }

    @Test func `a restart at every pass ends the same way`() async throws {
        let cluster = FakeCluster(workers: 4, wanted: 1)
        for ordinal in 0..<4 { cluster.fill("hbase-worker-\(ordinal)", Self.files("/d/\(ordinal)", "/e/\(ordinal)")) }
        let pass = DrainPass(cluster: cluster, settings: ReconcilerSettings(), metrics: Metrics(), log: { _ in })
        var memory = DrainMemory()
        for step in 0..<300 where cluster.replicas != 1 {
            // Two looks need a memory; every third pass begins without one.
            if step % 9 == 0 { memory = DrainMemory() }
            let again = try await pass.run(ObjectKey(namespace: "data", name: "hbase"), memory: &memory)
            cluster.advance(max(again ?? .zero, .milliseconds(10)))
        }
        #expect(cluster.replicas == 1 && cluster.held("hbase-worker-0") == ["/d/0", "/e/0"])
    }

    @Test func `lost answers and conflicts are tried again, and a count that changed in between is not written over`()
        async throws
    {
        let cluster = FakeCluster(workers: 3, wanted: 2)
        cluster.fill("hbase-worker-2", Self.files("/d/c"))
        cluster.state.withLock { state in
            state.faults = [
                .init(part: "statefulsets/hbase-worker?fieldManager", isAfter: true, error: .timeout),
                .init(part: "free", isAfter: false, error: .transport("cut")),
                .init(
                    part: "statefulsets/hbase-worker?fieldManager", isAfter: false, error: .status(APIStatus(code: 409))
                ),
                .init(part: "webui_blockinfo", isAfter: false, error: .timeout),
            ]
        }
        var memory = DrainMemory()
        _ = try await Self.settle(cluster, memory: &memory) { cluster.replicas == 2 }
        #expect(cluster.replicas == 2)
        let patches = cluster.state.withLock { state in
            state.requests.filter { $0.method == .patch && $0.path == FakeCluster.setPath }
        }
        for patch in patches {
            var parser = JSONParser()
            let metadata = try parser.parse(patch.body)["metadata"]
            #expect(metadata?["uid"]?.string == "set-1" && metadata?["resourceVersion"]?.string != nil)
        }
    }

    @Test func `calls for files that were cut are made again soon, and calls that hang are waited for`() async throws {
        for (error, seconds) in [(ClusterError.transport("cut"), 0..<60), (.timeout, 120..<180)] {
            let cluster = FakeCluster(workers: 3, wanted: 2)
            cluster.fill("hbase-worker-2", Self.files("/d/a", "/d/b", "/d/c", "/d/d"))
            cluster.fill("hbase-worker-1", Self.files("/d/e"))
            cluster.state.withLock { state in
                state.faults = (0..<4).map { _ in .init(part: "free", isAfter: false, error: error) }
            }
            var memory = DrainMemory()
            let took = try await Self.settle(cluster, memory: &memory) { cluster.replicas == 2 }
            #expect(cluster.replicas == 2 && seconds.contains(Int(took / 1000)), "\(error): \(took) ms")
        }
    }

    /// A survivor holds a file beside each of theirs, so that they are freed one by one.
    private static func fileByFile(_ count: Int) -> FakeCluster {
        let cluster = FakeCluster(workers: 3, wanted: 2)
        cluster.fill("hbase-worker-0", files("/d/kept"))
        cluster.fill("hbase-worker-2", (10..<10 + count).map { FakeCluster.File(path: "/d/\($0)") })
        return cluster
    }

    @Test func `while one call takes long, the others go on`() async throws {
        let cluster = Self.fileByFile(20)
        cluster.state.withLock {
            $0.whileRunning = { [unowned cluster] command in
                cluster.advance(.seconds(2))
                // Bounded: if the others wait for this one, they are begun too late for it.
                for _ in 0..<500 where command.last == "/d/10" && cluster.frees.count < 20 {
                    try? await Task.sleep(for: .milliseconds(10))
                }
                if command.last == "/d/10", cluster.frees.count < 20 {
                    Issue.record("\(cluster.frees.count) calls were begun while the first one ran")
                }
            }
        }
        var memory = DrainMemory()
        _ = try await Self.settle(cluster, memory: &memory) { cluster.replicas == 2 }
        #expect(cluster.replicas == 2)
        #expect(cluster.frees.compactMap(\.last).sorted() == (10..<30).map { "/d/\($0)" })
        #expect(cluster.held("hbase-worker-0") == ["/d/kept"])
    }

    @Test func `a call that was given up keeps its place, though others go on`() async throws {
        let cluster = Self.fileByFile(20)
        let paths = ["/d/10", "/d/11", "/d/12"]
        let seen = Mutex((running: 0, gaveUpAt: [Int64](), most: 0))
        cluster.state.withLock {
            $0.faults = paths.map { .init(part: $0, isAfter: true, error: .timeout) }
            $0.whileRunning = { [unowned cluster] command in
                let now = cluster.wallClockMilliseconds()
                seen.withLock {
                    $0.running += 1
                    $0.most = max($0.most, $0.running + $0.gaveUpAt.count { now - $0 < DrainTiming.straggler })
                }
                try? await Task.sleep(for: .milliseconds(command.last.map(paths.contains) == true ? 1 : 30))
                seen.withLock {
                    $0.running -= 1
                    if command.last.map(paths.contains) == true { $0.gaveUpAt.append(now) }
                }
            }
        }
        var memory = DrainMemory()
        _ = try await Self.settle(cluster, memory: &memory) { cluster.replicas == 2 }
        #expect(cluster.replicas == 2)
        #expect(seen.withLock { $0.most } == DrainTiming.parallelMaximum)
    }

    @Test func `a folder of its own stays one call, however many calls come before it`() async throws {
        let cluster = Self.fileByFile(40)
        cluster.fill("hbase-worker-2", (10..<50).map { .init(path: "/d/\($0)") } + Self.files("/own/1", "/own/2"))
        cluster.state.withLock { $0.whileRunning = { [unowned cluster] _ in cluster.advance(.seconds(2)) } }
        var memory = DrainMemory()
        _ = try await Self.settle(cluster, memory: &memory) { cluster.replicas == 2 }
        #expect(cluster.replicas == 2)
        #expect(cluster.frees.compactMap(\.last).filter { $0.hasPrefix("/own") } == ["/own"])
    }

    @Test func `what the leaving worker no longer holds, or nobody wants freed, is not freed while calls run`()
        async throws
    {
        let cluster = Self.fileByFile(20)
        cluster.state.withLock {
            $0.whileRunning = { [unowned cluster] _ in
                cluster.advance(.seconds(6))
                switch cluster.frees.count {
                case 6: cluster.fill("hbase-worker-2", Self.files("/d/10", "/d/28", "/d/29", "/d/5"))
                case 8: cluster.want(3)
                default: break
                }
            }
        }
        var memory = DrainMemory()
        _ = try await Self.settle(cluster, memory: &memory)
        let freed = Set(cluster.frees.compactMap(\.last))
        #expect(freed.isDisjoint(with: (18..<28).map { "/d/\($0)" }), "\(freed.sorted())")
        #expect(cluster.replicas == 3)
        #expect(cluster.reasons.contains("DrainCancelled"))
    }

    @Test func `back to three in mid-drain gives up, and four is Fluid's to raise`() async throws {
        let cluster = FakeCluster(workers: 3, wanted: 1)
        for ordinal in 0..<3 { cluster.fill("hbase-worker-\(ordinal)", Self.files("/d/\(ordinal)")) }
        var memory = DrainMemory()
        _ = try await Self.settle(cluster, memory: &memory) { !cluster.frees.isEmpty }
        cluster.want(3)
        _ = try await Self.settle(cluster, memory: &memory)
        #expect(cluster.replicas == 3 && cluster.reasons.contains("DrainCancelled"))
        #expect(cluster.annotation(Annotation.drainRecord) == nil)
    }

    @Test func `held by our own webhook: blocked with the remedy, and done when it lets go`() async throws {
        let cluster = FakeCluster(workers: 2, wanted: 1)
        cluster.state.withLock { $0.isHeldByWebhook = true }
        var memory = DrainMemory()
        _ = try await Self.settle(cluster, memory: &memory, limit: 40)
        #expect(cluster.replicas == 2)
        #expect(cluster.annotation(Annotation.drainStatus)?.contains("--reconciler-user") == true)
        cluster.state.withLock { $0.isHeldByWebhook = false }
        _ = try await Self.settle(cluster, memory: &memory) { cluster.replicas == 1 }
        #expect(cluster.replicas == 1)
    }

    @Test func `a list that can't be read is waited for, and then the drain goes by path`() async throws {
        let cluster = FakeCluster(workers: 2, wanted: 1, annotations: [Annotation.drainFallback: "Hold"])
        cluster.fill("hbase-worker-1", Self.files("/d/a"))
        cluster.state.withLock { $0.unreadable = ["hbase-worker-1"] }
        var memory = DrainMemory()
        _ = try await Self.settle(cluster, memory: &memory, limit: 60)
        #expect(cluster.replicas == 2 && cluster.frees.isEmpty)
        #expect(cluster.annotation(Annotation.drainStatus)?.contains("ListUnreadable") == true)
        cluster.state.withLock { $0.unreadable = [] }
        _ = try await Self.settle(cluster, memory: &memory) { cluster.replicas == 1 }
        #expect(cluster.replicas == 1)
    }

    @Test func `an upload in flight holds the removal`() async throws {
        let cluster = FakeCluster(workers: 2, wanted: 1)
        cluster.state.withLock { $0.uploading["hbase-worker-1"] = 1 }
        var memory = DrainMemory()
        _ = try await Self.settle(cluster, memory: &memory, limit: 60)
        #expect(cluster.replicas == 2)
        cluster.state.withLock { $0.uploading = [:] }
        _ = try await Self.settle(cluster, memory: &memory) { cluster.replicas == 1 }
        #expect(cluster.replicas == 1)
    }

    @Test func `to zero: by path, and all of it`() async throws {
        let cluster = FakeCluster(workers: 2, wanted: 0)
        for ordinal in 0..<2 { cluster.fill("hbase-worker-\(ordinal)", Self.files("/d/\(ordinal)")) }
        var memory = DrainMemory()
        _ = try await Self.settle(cluster, memory: &memory) { cluster.replicas == 0 }
        #expect(cluster.replicas == 0 && cluster.frees.map(\.last) == ["/"])
    }

    @Test func `a record that can't be read or belongs to another set is none`() async throws {
        for text in ["{", "{\"version\":2}", "null", String(repeating: "x", count: 300_000)] {
            #expect(DrainRecordCoding.record(text) == nil)
        }
        var record = DrainRecord(
            workerSetUID: "set-0", runtimeUID: "runtime-1", target: 1,
            leaving: [.init(name: "hbase-worker-1", uid: "uid-hbase-worker-1")],
            now: Timestamp(millisecondsSinceEpoch: 5))
        record.state = .removing
        record.undo = [.init(name: "a", uid: "b", host: "c", webPort: 1, isEnabled: true)]
        record.repin = ["/x y\n", "/\u{E9}"]
        record.blocked = .init(reason: "Budget", text: "t", remedy: "r", since: Timestamp(millisecondsSinceEpoch: 7))
        record.acceptance = .leftOver
        record.runsSince = Timestamp(millisecondsSinceEpoch: 9)
        record.ranIn = ["w-1", "w-0"]
        let text = DrainRecordCoding.text(record, left: [], at: Timestamp(millisecondsSinceEpoch: 8))
        #expect(DrainRecordCoding.record(text) == record)
        let cluster = FakeCluster(workers: 2, wanted: 1)
        cluster.fill("hbase-worker-1", Self.files("/d/a"))
        cluster.state.withLock { state in
            state.objects[FakeCluster.setPath]?["metadata"]?["annotations"] = [Annotation.drainRecord: .string(text)]
        }
        var memory = DrainMemory()
        _ = try await Self.settle(cluster, memory: &memory) { cluster.replicas == 1 }
        #expect(cluster.frees.count == 1)
    }
}
