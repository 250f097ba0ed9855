import Kubernetes
import Testing
import Wire

/// Parses a manifest written as YAML, as an API server would have it as JSON.
func object(_ yaml: String) throws -> JSONValue {
    let node = try #require(try YAMLReader.documents(Array(yaml.utf8)).first)
    var parser = JSONParser()
    return try parser.parse(node.json.encoded())
}

@Suite struct ObjectTests {
    @Test func `a runtime is read with its status`() throws {
        let runtime = try AlluxioRuntime(
            object(
                """
                apiVersion: data.fluid.io/v1alpha1
                kind: AlluxioRuntime
                metadata:
                  name: hbase
                  namespace: ns
                  uid: 3f0c1c3e-0000-4000-8000-000000000001
                  resourceVersion: "812"
                  generation: 4
                  labels: {team: data}
                  annotations: {sluice.dev/max-replicas: "5", other: x}
                  deletionTimestamp: "2026-11-23T20:00:00Z"
                  finalizers: [alluxio-runtime-controller-finalizer]
                  ownerReferences: [{apiVersion: data.fluid.io/v1alpha1, kind: Dataset, name: hbase, uid: u, controller: true}]
                spec:
                  replicas: 2
                  monitoring: true
                  worker: {replicas: 7}
                  master: {replicas: 3}
                  tieredstore:
                    levels:
                    - {mediumtype: MEM, path: /dev/shm, quota: 2Gi, high: "0.95", low: "0.7"}
                    - {mediumtype: SSD, path: "/a,/b", quotaList: "1Gi,2Gi", quota: 5}
                  unknown: {deep: [1, 2]}
                status:
                  selector: app=alluxio
                  desiredWorkerNumberScheduled: 2
                  currentWorkerNumberScheduled: 1
                  workerNumberReady: 1
                  masterPhase: Ready
                  workerPhase: PartialReady
                """))
        #expect(runtime.meta.key == ObjectKey(namespace: "ns", name: "hbase"))
        #expect(runtime.meta.generation == 4)
        #expect(runtime.meta.isDeleting)
        #expect(runtime.meta.annotations["sluice.dev/max-replicas"] == "5")
        #expect(runtime.meta.controller?.group == "data.fluid.io")
        #expect(runtime.replicas == 2)
        #expect(runtime.monitoring == true)
        #expect(runtime.disablePrometheus == nil)
        #expect(runtime.status?.selector == "app=alluxio")
        #expect(runtime.status?.desiredWorkers == 2)
        #expect(runtime.status?.currentWorkers == 1)
        #expect(runtime.status?.workerPhase == "PartialReady")
        #expect(runtime.status?.isComplete == false)
    }

    @Test func `fields that are absent or null leave a runtime with nothing`() throws {
        for text in [
            "metadata: {name: a}", "metadata: {name: a}\nspec:\nstatus: {}",
            "metadata: {name: a}\nspec: {replicas: null, worker: {}}",
        ] {
            let runtime = try AlluxioRuntime(object(text))
            #expect(runtime.replicas == nil)
            #expect(runtime.status == nil)
        }
    }

    @Test(arguments: [
        ("spec: {replicas: two}", "spec.replicas is not an integer of 32 bits"),
        ("spec: {replicas: 3000000000}", "spec.replicas is not an integer of 32 bits"),
        ("spec: {replicas: 1.5}", "spec.replicas is not an integer of 32 bits"),
        ("spec: []", "spec is not an object"),
        ("spec: {monitoring: \"true\"}", "spec.monitoring is not true or false"),
        ("status: {selector: 1}", "status.selector is not a string"),
    ])
    func `a field of another type is an error with its path`(part: String, description: String) throws {
        let error = try #require(throws: ObjectError.self) {
            try AlluxioRuntime(object("metadata: {name: a}\n" + part))
        }
        #expect(error.description == description)
    }

    @Test(arguments: [
        ("spec: {}", "metadata is missing"), ("metadata: {name: 1}", "metadata.name is not a string"),
        ("metadata: {annotations: {a: 1}}", "metadata.annotations[a] is not a string"),
        ("metadata: {labels: []}", "metadata.labels is not an object"),
        ("metadata: {ownerReferences: [{uid: 1}]}", "metadata.ownerReferences[0].uid is not a string"),
        ("metadata: {finalizers: [1]}", "metadata.finalizers[0] is not a string"),
    ])
    func `metadata of another type is an error with its path`(text: String, description: String) throws {
        let error = try #require(throws: ObjectError.self) { try ObjectMeta(of: object(text)) }
        #expect(error.description == description)
    }

    @Test func `a store keeps only our own annotations`() throws {
        let value = try object("metadata: {name: a, labels: {l: x}, annotations: {sluice.dev/paused: why, k: v}}")
        #expect(try ObjectMeta(of: value, keeping: .ours).annotations == ["sluice.dev/paused": "why"])
        #expect(try ObjectMeta(of: value, keeping: .ours).labels.isEmpty)
        #expect(try ObjectMeta(of: value, keeping: .labelsAndOurs).labels == ["l": "x"])
        #expect(try ObjectMeta(of: value, keeping: .none).annotations.isEmpty)
        #expect(try ObjectMeta(of: value).annotations.count == 2)
    }

    @Test func `a store keeps so much of an object and no more`() throws {
        func meta(_ member: String, _ value: JSON) throws -> ObjectMeta {
            var parser = JSONParser()
            let json: JSON = ["metadata": .object([.init("name", "a"), .init(member, value)])]
            return try ObjectMeta(of: parser.parse(json.encoded()), keeping: .labelsAndOurs)
        }
        let long = String(repeating: "x", count: 300_000)
        for name in ["namespace", "uid", "resourceVersion"] {
            let error = #expect(throws: ObjectError.self) { try meta(name, .string(long)) }
            #expect(error?.description == "metadata.\(name) has 300000 bytes, the limit is 512")
        }
        let many = JSON.object((0..<300).map { .init("sluice.dev/a\($0)", .string("v")) })
        #expect(throws: ObjectError.self) { try meta("labels", many) }
        #expect(try meta("annotations", many).annotations.count == 64)
        #expect(try meta("finalizers", .array([.string(long)])).finalizers.isEmpty)
        let owners = JSON.array(Array(repeating: ["kind": "k", "name": "n", "uid": "u"], count: 100))
        #expect(try meta("ownerReferences", owners).owners.count == 16)
        // What is cut can't be taken for another value.
        let kept = try meta(
            "annotations", ["sluice.dev/a": .string(long), "sluice.dev/b": "short"]
        ).annotations
        #expect(kept["sluice.dev/a"]?.hasSuffix("...\u{0}") == true && kept["sluice.dev/b"] == "short")
        #expect(kept.values.reduce(0) { $0 + $1.utf8.count } < 2_000)
    }

    @Test func `a stateful set is read as a worker set`() throws {
        let set = try WorkerSet(
            object(
                """
                metadata: {name: hbase-worker, namespace: ns, generation: 3, labels: {app: alluxio, role: alluxio-worker, release: hbase}}
                spec:
                  replicas: 3
                  updateStrategy: {type: OnDelete}
                  selector: {matchLabels: {app: alluxio}}
                  template: {spec: {nodeSelector: {a: b}}}
                status: {replicas: 2, readyReplicas: 1, updateRevision: r2, observedGeneration: 2}
                """), kind: .statefulSet)
        #expect(set.replicas == 3)
        #expect(set.currentPods == 2)
        #expect(set.readyPods == 1)
        #expect(set.updateRevision == "r2")
        #expect(set.updateStrategy == "OnDelete")
        #expect(set.observedGeneration == 2)
        #expect(set.matchLabels == ["app": "alluxio"])
        #expect(set.runtimeKey == ObjectKey(namespace: "ns", name: "hbase"))
        #expect(try WorkerSet(object("metadata: {name: a}\nspec: {}"), kind: .statefulSet).replicas == 1)
    }

    @Test func `a daemon set counts nodes`() throws {
        let set = try WorkerSet(
            object(
                """
                metadata: {name: hbase-worker, labels: {app: alluxio, role: alluxio-worker, release: hbase}}
                spec: {template: {spec: {nodeSelector: {fluid.io/s-ns-hbase: "true"}}}}
                status: {desiredNumberScheduled: 2, currentNumberScheduled: 2, numberReady: 1}
                """), kind: .daemonSet)
        #expect(set.replicas == 2)
        #expect(set.currentPods == 2)
        #expect(set.readyPods == 1)
        #expect(set.nodeSelector == ["fluid.io/s-ns-hbase": "true"])
        #expect(set.runtimeName == "hbase")
    }

    @Test func `a worker set needs the right labels and name`() {
        func name(_ labels: [String: String], _ name: String, pods: [String: String] = [:]) -> String? {
            var set = WorkerSet(kind: .statefulSet, meta: ObjectMeta(name: name, labels: labels), replicas: 1)
            set.matchLabels = pods
            return set.runtimeName
        }
        let labels = ["app": "alluxio", "role": "alluxio-worker", "release": "a"]
        #expect(name(labels, "a-worker") == "a")
        #expect(name(labels, "b-worker") == nil)
        #expect(name(labels.merging(["role": "alluxio-master"]) { $1 }, "a-worker") == nil)
        #expect(name(["app": "alluxio", "role": "alluxio-worker"], "a-worker") == nil)
        // It lost its own label; its selector can't be changed.
        #expect(name(["app": "alluxio", "release": "b"], "a-worker", pods: labels) == "a")
        #expect(name([:], "b-worker", pods: labels) == nil)
    }

    @Test func `a pod is read with its containers' states`() throws {
        let pod = try Pod(
            object(
                """
                metadata: {name: hbase-worker-12, uid: u, labels: {controller-revision-hash: r2}}
                spec:
                  nodeName: n1
                  containers:
                  - name: alluxio-worker
                    ports: [{name: web, containerPort: 30000}, {containerPort: 1}]
                    resources: {limits: {memory: 2Gi}}
                  - name: alluxio-job-worker
                  - name: never
                  - name: failed
                  - name: again
                status:
                  phase: Running
                  hostIP: 10.0.0.1
                  podIP: 10.1.0.1
                  conditions: [{type: Initialized, status: "True"}, {type: Ready, status: "True"}]
                  containerStatuses:
                  - {name: alluxio-job-worker, ready: false, restartCount: 0, state: {terminated: {startedAt: "2026-01-01T00:00:00Z"}}}
                  - {name: alluxio-worker, ready: true, restartCount: 2, state: {running: {startedAt: "2026-01-01T00:00:00Z"}}}
                  - {name: failed, ready: false, restartCount: 0, state: {terminated: {startedAt: null}}}
                  - {name: again, ready: false, restartCount: 1, state: {waiting: {reason: CrashLoopBackOff}}}
                  - {name: other}
                """))
        #expect(pod.isReady)
        #expect(pod.ordinal == 12)
        #expect(pod.revisionHash == "r2")
        #expect(pod.hostIP == "10.0.0.1")
        #expect(pod.podIP == "10.1.0.1")
        let worker = try #require(pod.container(named: "alluxio-worker"))
        #expect(worker.port(named: "web") == 30000)
        #expect(worker.ports.count == 1)
        #expect(worker.memoryLimitBytes == 2 << 30)
        #expect(worker.isRunning && worker.isReady && worker.hasEverStarted)
        #expect(worker.restartCount == 2)
        #expect(pod.container(named: "alluxio-job-worker")?.hasEverStarted == true)
        #expect(pod.container(named: "alluxio-job-worker")?.isRunning == false)
        #expect(pod.container(named: "never")?.hasEverStarted == false)
        #expect(pod.container(named: "failed")?.hasEverStarted == false)
        #expect(pod.container(named: "again")?.hasEverStarted == true)
    }

    @Test(
        arguments: [
            ("{phase: Pending}", true),
            ("{phase: Failed, reason: Evicted}", false),
            ("{phase: Pending, conditions: [{type: PodScheduled, status: 'True'}]}", true),
            ("{phase: Pending, conditions: [{type: PodScheduled, status: 'False', reason: Unschedulable}]}", false),
            ("{containerStatuses: [{name: w, state: {waiting: {reason: ContainerCreating}}}]}", true),
            ("{containerStatuses: [{name: w, state: {waiting: {reason: PodInitializing}}}]}", true),
            ("{containerStatuses: [{name: w, state: {waiting: {reason: ImagePullBackOff}}}]}", false),
            ("{containerStatuses: [{name: w, state: {waiting: {reason: CreateContainerConfigError}}}]}", false),
        ])
    func `a pod is about to start until something fails`(status: String, isAboutToStart: Bool) throws {
        let pod = try Pod(object("metadata: {name: a}\nspec: {containers: [{name: w}]}\nstatus: \(status)"))
        let worker = try #require(pod.container(named: "w"))
        #expect(!worker.hasEverStarted)
        #expect(pod.isAboutToStart(worker) == isAboutToStart)
    }

    @Test(
        arguments: [
            ("a-0", 0), ("a-b-10", 10), ("a", nil), ("a-", nil), ("a-x1", nil), ("a--1", 1),
            ("a-2147483648", 2_147_483_648), ("a-99999999999999999999", nil),
        ] as [(String, Int?)])
    func `ordinals are the number behind the last dash`(name: String, ordinal: Int?) {
        #expect(Pod(meta: ObjectMeta(name: name)).ordinal == ordinal)
    }

    @Test func `a scale is read, and a left out count is 0`() throws {
        let scale = try Scale(
            object("metadata: {name: hbase, namespace: ns}\nspec: {replicas: 3}\nstatus: {replicas: 1, selector: a=b}"))
        #expect(scale.replicas == 3)
        #expect(scale.currentReplicas == 1)
        #expect(scale.selector == "a=b")
        #expect(try Scale(object("metadata: {name: hbase}\nspec: {}")).replicas == 0)
    }

    @Test func `a lease is written as it is read`() throws {
        let lease = Lease(
            meta: ObjectMeta(name: "sluice", namespace: "ns", resourceVersion: "5"), holder: "a_1", durationSeconds: 15,
            acquiredMilliseconds: 1_700_000_000_123, renewedMilliseconds: 1_700_000_001_000, transitions: 2)
        var parser = JSONParser()
        #expect(try Lease(parser.parse(lease.json.encoded())) == lease)
        #expect(lease.json["spec"]?["renewTime"] == "2023-11-14T22:13:21.000000Z")
        #expect(try Lease(object("metadata: {name: a}\nspec: {renewTime: soon}")).renewedMilliseconds == nil)
    }

    @Test func `an event is written beside its object, and its message cut`() throws {
        let subject = Event.Subject(
            apiVersion: "data.fluid.io/v1alpha1", kind: "AlluxioRuntime",
            key: ObjectKey(namespace: "ns", name: "hbase"), uid: "u")
        let event = Event(
            subject: subject, isWarning: true, reason: "DrainBlocked", message: String(repeating: "é", count: 600),
            firstMilliseconds: 0, lastMilliseconds: 1000, count: 2)
        let request = event.createRequest(name: "hbase.1")
        #expect(request.target == "/api/v1/namespaces/ns/events?fieldManager=sluice")
        var parser = JSONParser()
        let body = try JSON(parser.parse(request.body))
        #expect(body["type"] == "Warning")
        #expect(body["involvedObject"]?["uid"] == "u")
        #expect(body["lastTimestamp"] == "1970-01-01T00:00:01Z")
        let message = try #require(body["message"]?.string)
        #expect(message.utf8.count <= 1024 && message.hasSuffix("é..."))
        #expect(event.countRequest(name: "hbase.1").method == .patch)
    }
}
