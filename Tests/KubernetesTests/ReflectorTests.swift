import Kubernetes
import Synchronization
import Testing
import Wire

@Suite struct ReflectorTests {
    private let list = "GET /apis/data.fluid.io/v1alpha1/alluxioruntimes?limit=200"
    private let watch = "WATCH /apis/data.fluid.io/v1alpha1/alluxioruntimes"

    private func runtime(_ name: String, version: Int = 1, replicas: Int = 1) -> String {
        """
        {"metadata":{"name":"\(name)","namespace":"ns","uid":"\(name)-uid","resourceVersion":"\(version)"},\
        "spec":{"replicas":\(replicas)}}
        """
    }

    private func page(_ items: [String], version: Int, next: String? = nil) -> ScriptedCluster.Step {
        .answer(
            .success(
                """
                {"metadata":{"resourceVersion":"\(version)"\(next.map { ",\"continue\":\"\($0)\"" } ?? "")},\
                "items":[\(items.joined(separator: ","))]}
                """))
    }

    private func event(_ type: String, _ object: String) -> String { "{\"type\":\"\(type)\",\"object\":\(object)}\n" }

    /// Runs the script to its end and returns the store, the calls and the notices.
    private func run(
        _ kind: StoredKind = .runtimes, _ steps: [ScriptedCluster.Step]
    ) async -> (store: Store, calls: [String], notices: [ReflectorNotice.Event]) {
        let cluster = ScriptedCluster(steps)
        let store = Store()
        let notices = Mutex<[ReflectorNotice.Event]>([])
        let holder = Holder(notices)
        await withTaskGroup { group in
            group.addTask {
                await Reflector(kind, from: cluster, to: store, seed: 1) { notice in
                    holder.value.withLock { $0.append(notice.event) }
                }.run()
            }
            await cluster.over()
            group.cancelAll()
        }
        return (store, cluster.calls, holder.value.withLock { $0 })
    }

    private final class Holder: Sendable {
        let value: Mutex<[ReflectorNotice.Event]>
        init(_ value: consuming sending Mutex<[ReflectorNotice.Event]>) { self.value = value }
    }

    @Test func `pages are read one after the other, then a watch goes on from there`() async {
        let result = await run(steps: [
            page([runtime("a"), runtime("b")], version: 10, next: "t/1"), page([runtime("c")], version: 10),
            .watch(
                [
                    event("MODIFIED", runtime("a", version: 11, replicas: 5)) + "{\"type\":\"ADDED\",",
                    "\"object\":\(runtime("d", version: 12))}\n", event("DELETED", runtime("b", version: 13)),
                    event("BOOKMARK", "{\"metadata\":{\"resourceVersion\":\"20\"}}"), event("LATER", "{}"),
                ], nil),
            .watch([], nil),
        ])
        #expect(result.calls == [list, list + "&continue=t%2F1", watch + " 10", watch + " 20", "SLEEP"])
        #expect(result.store.runtimes().map(\.meta.name) == ["a", "c", "d"])
        #expect(result.store.runtime(ObjectKey(namespace: "ns", name: "a"))?.replicas == 5)
        #expect(result.store.isSynced(.runtimes))
        #expect(result.notices == [.listed(count: 3)])
    }

    @Test(arguments: [
        ScriptedCluster.Step.watch([], status(410, "Expired")),
        .watch(["{\"type\":\"ERROR\",\"object\":{\"kind\":\"Status\",\"code\":410,\"reason\":\"Expired\"}}\n"], nil),
    ])
    func `a version that is too old leads to a new list, which sweeps away what is gone`(end: ScriptedCluster.Step)
        async
    {
        let result = await run(steps: [
            page([runtime("a"), runtime("b")], version: 10), end, page([runtime("b")], version: 30),
            .watch([event("MODIFIED", runtime("b", version: 31))], nil),
        ])
        #expect(result.calls == [list, watch + " 10", list, watch + " 30"])
        #expect(result.store.runtimes().map(\.meta.name) == ["b"])
    }

    @Test func `a list whose pages have expired begins anew`() async {
        let result = await run(steps: [
            page([runtime("a")], version: 10, next: "t"), .answer(.failure(status(410, "Expired"))),
            page([runtime("b")], version: 12),
        ])
        #expect(result.calls == [list, list + "&continue=t", "SLEEP", list])
        #expect(result.store.runtimes().map(\.meta.name) == ["b"])
    }

    @Test func `a list that leads back to its own page is given up, and told`() async {
        let result = await run(steps: [
            page([runtime("a")], version: 10, next: "t"), page([runtime("a")], version: 10, next: "t"),
            page([runtime("b")], version: 12),
        ])
        #expect(result.calls == [list, list + "&continue=t", "SLEEP", list])
        #expect(result.notices.count == 2 && result.store.isSynced(.runtimes))
    }

    @Test func `a missing kind is synced and empty, and noticed when it comes`() async {
        let result = await run(steps: [
            .answer(.failure(status(404))), .answer(.failure(status(404))), page([runtime("a")], version: 5),
        ])
        #expect(result.calls == [list, "SLEEP", list, "SLEEP", list])
        #expect(result.notices == [.absent, .listed(count: 1)])
        #expect(result.store.isPresent(.runtimes))
    }

    @Test func `a kind that goes away empties the store`() async {
        let result = await run(steps: [
            page([runtime("a")], version: 5), .watch([], status(404)), .answer(.failure(status(404))),
        ])
        #expect(result.calls == [list, watch + " 5", list, "SLEEP"])
        #expect(result.store.count(.runtimes) == 0)
        #expect(result.store.isSynced(.runtimes))
        #expect(!result.store.isPresent(.runtimes))
    }

    @Test func `autoscalers are found in the version that the cluster has`() async {
        let autoscaler = """
            {"metadata":{"name":"h","namespace":"ns","resourceVersion":"1"},"spec":{"maxReplicas":3,"scaleTargetRef":\
            {"apiVersion":"data.fluid.io/v1alpha1","kind":"AlluxioRuntime","name":"a"}}}
            """
        let other = autoscaler.replacing("AlluxioRuntime", with: "Deployment")
        let result = await run(
            .autoscalers,
            [
                .answer(.failure(status(404))), page([autoscaler], version: 5),
                .watch([event("MODIFIED", other.replacing("\"1\"", with: "\"2\""))], nil),
            ])
        #expect(result.calls.prefix(2).map { $0.contains("/v2beta2/") } == [false, true])
        #expect(result.store.count(.autoscalers) == 0)
    }

    @Test func `failures are tried again, and neither lose nor invent objects`() async {
        let result = await run(steps: [
            .answer(.failure(.timeout)), .answer(.failure(status(403))), .answer(.success("[]")),
            .answer(.success("{")), page([runtime("a")], version: 5), .watch([], .transport("reset")),
            .watch(["{\"type\":\"ADDED\"}\n"], nil), .watch(["no json\n"], nil),
            .watch([event("ADDED", runtime("b", version: 6))], .timeout), .watch([], nil),
        ])
        #expect(result.calls.filter { $0.hasPrefix("GET") }.count == 5)
        #expect(result.calls.suffix(4) == [watch + " 5", "SLEEP", watch + " 6", "SLEEP"])
        #expect(result.store.runtimes().map(\.meta.name) == ["a", "b"])
    }

    @Test func `after many failed watches everything is listed again`() async {
        let failures = Array(repeating: ScriptedCluster.Step.watch([], .timeout), count: 5)
        let result = await run(
            steps: [page([runtime("a")], version: 5)] + failures + [page([runtime("b")], version: 9)])
        #expect(result.calls.filter { $0.hasPrefix("GET") }.count == 2)
        #expect(result.store.runtimes().map(\.meta.name) == ["b"])
    }

    @Test func `a page that is too large is asked for in halves`() async {
        let result = await run(steps: [
            .answer(.failure(.tooLarge(bytesMax: 1))), .answer(.failure(.tooLarge(bytesMax: 1))), page([], version: 5),
        ])
        #expect(
            result.calls.filter { $0.hasPrefix("GET") }.map { $0.split(separator: "=").last } == ["200", "100", "50"])
    }

    @Test func `a line without an end, and one of too many values, end the watch`() async {
        let piece = String(repeating: "x", count: 1 << 20)
        let values = "[0" + String(repeating: ",0", count: 1_000_000) + "]"
        let result = await run(steps: [
            page([], version: 5), .watch(["{\"type\":\""] + Array(repeating: piece, count: 5), nil),
            .watch(["{\"type\":\"ADDED\",\"object\":\(values)}\n"], nil), .watch([], nil),
        ])
        let errors = result.notices.compactMap { if case .watchFailed(let error) = $0 { "\(error)" } else { nil } }
        #expect(errors.count == 2 && errors[0].contains("longer than 4194304") && errors[1].contains("values"))
    }

    @Test func `a watch brings no more objects than a list may have`() async {
        let cluster = ScriptedCluster([
            page([runtime("a")], version: 5),
            .watch([event("ADDED", runtime("b")), event("ADDED", runtime("c"))], nil),
        ])
        var settings = ListWatch.Settings()
        settings.objectsMax = 2
        let store = Store()
        await withTaskGroup { group in
            group.addTask { [settings] in
                await Reflector(.runtimes, from: cluster, to: store, settings: settings, seed: 1).run()
            }
            await cluster.over()
            group.cancelAll()
        }
        #expect(store.count(.runtimes) == 2)
    }

    @Test func `an object that can't be read is told and not kept`() async {
        let result = await run(steps: [
            page([runtime("a"), runtime("b").replacing("1}", with: "\"x\"}")], version: 5),
            .watch([event("MODIFIED", runtime("a", version: 6).replacing("1}}", with: "true}}"))], nil),
        ])
        #expect(result.store.count(.runtimes) == 0)
        let paths = result.notices.compactMap { if case .unreadable(_, let error) = $0 { error.path } else { nil } }
        #expect(paths == ["spec.replicas", "spec.replicas"])
    }
}

extension ReflectorTests {
    private func run(
        steps: [ScriptedCluster.Step]
    ) async -> (store: Store, calls: [String], notices: [ReflectorNotice.Event]) {
        await run(.runtimes, steps)
    }
}
