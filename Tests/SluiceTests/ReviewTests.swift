import Kubernetes
import Rules
import Testing
import Wire

@testable import sluice

@Suite struct `A review of files` {
    @Test func `shows the proposal's runtime as each flavour admits it`() throws {
        let (today, _) = review(["\(examples)/hbase-proposal.yaml"])
        let runtime = try #require(today.objects.last)
        #expect(codes(runtime) == ["W105"])
        #expect(runtime.manifest.line(of: try #require(runtime.remarks.first).field) == 19)
        // It stays in what is shown, though the API server drops it: nobody's file is cut.
        #expect(runtime.admitted["spec"]?["monitoring"] == true)
        #expect(runtime.admitted["spec"]?["disablePrometheus"] == false)
        #expect(runtime.admitted["metadata"]?["annotations"]?["sluice.dev/max-replicas"] == "10")

        var options = ReviewOptions()
        options.flavour = .monitoring
        let (seed, _) = review(["\(examples)/hbase-proposal.yaml"], options)
        #expect(codes(try #require(seed.objects.last)) == [])
        #expect(seed.objects.last?.admitted["spec"]?["monitoring"] == true)
    }

    @Test func `has nothing to say of the example for today's Fluid`() throws {
        let (output, _) = review(["\(examples)/hbase.yaml", "\(examples)/hbase-hpa-v2.yaml"])
        #expect(output.objects.flatMap(codes) == [])
        #expect(output.objects.allSatisfy { !$0.isDenied })
    }

    @Test func `lets an autoscaler know its runtime, whatever the order`() throws {
        let (output, _) = review(["\(examples)/defaults-hpa.yaml", "\(examples)/defaults.yaml"])
        #expect(output.objects.map(\.manifest.kind) == ["HorizontalPodAutoscaler", "Dataset", "AlluxioRuntime"])
        #expect(output.objects.first?.admitted["spec"]?["maxReplicas"] == 10)
        let (alone, _) = review(["\(examples)/defaults-hpa.yaml"])
        // Nobody fills in what the API server then misses.
        let missing = try #require(alone.objects.first)
        #expect(codes(missing).contains("W201") && missing.remarks.first?.field == "spec.maxReplicas")
        var options = ReviewOptions()
        options.policy.missingTarget = .deny
        #expect(review(["\(examples)/defaults-hpa.yaml"], options).0.objects.first?.isDenied == true)
    }

    @Test func `refuses the second autoscaler of a runtime, and only that`() throws {
        let (output, _) = review([
            "\(examples)/hbase.yaml", "\(examples)/hbase-hpa.yaml", "\(examples)/hbase-hpa-v2.yaml",
        ])
        #expect(output.objects.map(\.isDenied) == [false, false, false, true])
        #expect(codes(try #require(output.objects.last)) == ["E201"])
        #expect(
            output.text(.text).contains("hbase-hpa-v2.yaml:3: HorizontalPodAutoscaler default/hbase: DENIED, 1 error\n")
        )
        #expect(!output.text(.yaml).contains("capacity_used_rate\n      target:\n        type: Value\n        value:"))
    }

    @Test func `names every error of a list in JSON by its own line`() throws {
        let list = """
            {"apiVersion": "v1", "kind": "List", "items": [
              {"apiVersion": "data.fluid.io/v1alpha1", "kind": "AlluxioRuntime",
               "metadata": {"name": "20-hbase", "namespace": "data"},
               "spec": {"replicas": 3,
                 "tieredstore": {"levels": [
                   {"mediumtype": "MEM", "path": "/dev/shm"}]}}}
            ]}
            """
        let output = try review(text: list, name: "list.json")
        let object = try #require(output.objects.first)
        #expect(object.title == "data/20-hbase")
        #expect(codes(object) == ["E101", "E107"])
        #expect(object.remarks.map { object.manifest.line(of: $0.field) } == [3, 6])
        #expect(object.isDenied)
    }

    @Test func `judges an old autoscaler as converted, and leaves it in its version`() throws {
        let text = """
            apiVersion: data.fluid.io/v1alpha1
            kind: AlluxioRuntime
            metadata: {name: hbase}
            spec: {replicas: 1}
            ---
            apiVersion: autoscaling/v1
            kind: HorizontalPodAutoscaler
            metadata: {name: hbase}
            spec:
              scaleTargetRef: {apiVersion: data.fluid.io/v1alpha1, kind: AlluxioRuntime, name: hbase}
              maxReplicas: 3
            """
        for (percentage, filledIn) in [
            ("", ["D202", "D203", "D204"]), ("\n  targetCPUUtilizationPercentage: 50", ["D202", "D204"]),
        ] {
            let hpa = try #require(try review(text: text + percentage).objects.last)
            #expect(hpa.admitted["apiVersion"] == "autoscaling/v1")
            #expect(hpa.patches.map(\.code.rawValue) == filledIn)
            #expect(hpa.admitted["spec"]?["metrics"] == nil)
            #expect(hpa.admitted["spec"]?["behavior"] == nil)
            // Read again, what is in the annotations counts as written.
            let again = try #require(
                try review(text: text.prefix(while: { $0 != "-" }) + "---\n" + YAMLWriter.encode(hpa.admitted)).objects
                    .last)
            #expect(again.patches == [])
            #expect(again.remarks == [])
        }
    }

    @Test func `passes what is none of its business`() throws {
        let text = """
            apiVersion: autoscaling/v2
            kind: HorizontalPodAutoscaler
            metadata: {name: web}
            spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}, maxReplicas: 3}
            ---
            apiVersion: v1
            kind: ConfigMap
            metadata: {generateName: x-}
            data: {replicas: "none"}
            """
        let output = try review(text: text)
        #expect(output.objects.flatMap(\.remarks) == [])
        #expect(output.objects.map(\.admitted) == output.objects.map(\.manifest.written))
        #expect(output.objects.last?.title == "default/x-*")
    }

    @Test func `counts autoscalers of other kinds`() throws {
        let text = """
            apiVersion: autoscaling/v2
            kind: HorizontalPodAutoscaler
            metadata: {name: hbase}
            spec: {scaleTargetRef: {apiVersion: data.fluid.io/v1alpha1, kind: AlluxioRuntime, name: hbase}, maxReplicas: 3}
            ---
            apiVersion: keda.sh/v1alpha1
            kind: ScaledObject
            metadata: {name: hbase}
            spec: {scaleTargetRef: {apiVersion: data.fluid.io/v1alpha1, kind: AlluxioRuntime, name: hbase}}
            """
        let output = try review(text: text)
        #expect(output.objects.map(\.isDenied) == [true, false])
        #expect(output.objects.map(codes) == [["E201", "W201"], ["W209", "W201"]])
    }

    @Test func `refuses an unknown version of AlluxioRuntime`() throws {
        let output = try review(text: "apiVersion: data.fluid.io/v1alpha2\nkind: AlluxioRuntime\nmetadata: {name: a}\n")
        #expect(codes(try #require(output.objects.first)) == ["E002"])
    }
}
