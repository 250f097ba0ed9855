@testable import Rules

/// KEDA, and whatever else scales a runtime beside it.
extension Sample {
    static var runtimeMetric: MetricFacts { capacityMetric { $0.describedKind = "AlluxioRuntime" } }

    static let scaledObjects: [Sample] = [
        Sample("a sound ScaledObject", created(scaledObject())),
        Sample("another target", created(scaledObject { $0.target.kind = "Deployment" })),
        Sample(
            "one that is being deleted",
            created(
                scaledObject {
                    $0.isBeingDeleted = true; $0.maxReplicas = .absent
                })),
        Sample("E201, an HPA", created(scaledObject(), cluster(scalers: [hpaScaler("first")]))),
        Sample(
            "its own HPA is no second one",
            created(scaledObject { $0.uid = "so-1" }, cluster(scalers: [kedaHPA("so-1")]))),
        Sample(
            "E201 names the ScaledObject, not its HPA",
            created(hpa(), cluster(scalers: [kedaHPA("so-1"), scaled("so-1", at: 5)]))),
        Sample("E201, an HPA whose maker is not known", created(hpa(), cluster(scalers: [kedaHPA("so-1")]))),
        Sample(
            "the older ScaledObject's HPA passes",
            created(ownHPA("so-1"), cluster(scalers: [scaled("so-1", at: 5), scaled("so-2", at: 6)]))),
        Sample(
            "E201, the younger ScaledObject's HPA",
            created(ownHPA("so-2"), cluster(scalers: [scaled("so-1", at: 5), scaled("so-2", at: 6)]))),
        Sample(
            "of the same age the lower uid stays",
            created(ownHPA("so-1"), cluster(scalers: [scaled("so-1", at: 5), scaled("so-2", at: 5)]))),
        Sample(
            "E201, of the same age the higher uid",
            created(ownHPA("so-2"), cluster(scalers: [scaled("so-1", at: 5), scaled("so-2", at: 5)]))),
        Sample("E202, minReplicaCount", created(scaledObject { $0.minReplicas = .present(1) }, cluster(2, 4))),
        Sample(
            "E202, idleReplicaCount",
            created(
                scaledObject {
                    $0.idleReplicas = .present(1); $0.minReplicas = .present(2)
                }, cluster(2, 4))),
        Sample("E203, maxReplicaCount", created(scaledObject { $0.maxReplicas = .present(6) })),
        Sample("E203, unset is 100", created(scaledObject { $0.maxReplicas = .absent })),
        Sample(
            "W203, unset is 100", created(scaledObject { $0.maxReplicas = .absent }, cluster(1, 10, filledIn: true))),
        Sample("E209", created(scaledObject { $0.pausedReplicas = 9 })),
        Sample("paused at 0", created(scaledObject { $0.pausedReplicas = 0 })),
        Sample("W209, unset", created(scaledObject { $0.minReplicas = .absent })),
        Sample("W209, nothing wakes", created(scaledObject { $0.minReplicas = .present(0) })),
        Sample("W209, idle at 0", created(scaledObject { $0.idleReplicas = .present(0) })),
        Sample(
            "0 with a trigger that wakes",
            created(
                scaledObject {
                    $0.minReplicas = .present(0); $0.triggers.append(.init(type: "cron"))
                })),
        Sample(
            "W212, KEDA's default",
            created(scaledObject { $0.triggers = [.init(type: "external", readsCacheMetric: true)] })),
        Sample("E204", created(scaledObject(), cluster(.present(TargetRuntime(monitoring: .off))))),
        Sample("W201", created(scaledObject(), cluster(.absent))),
        Sample("W211", created(scaledObject(), .unknown)),
        Sample(
            "an update that changes no count", updated(brokenScaledObject, with(brokenScaledObject) { $0.uid = "u" })),
        Sample(
            "a new target is judged like a new one",
            updated(with(brokenScaledObject) { $0.target.name = "other" }, brokenScaledObject)),
        Sample(
            "W204, towards the maximum",
            updated(brokenScaledObject, with(brokenScaledObject) { $0.maxReplicas = .present(9) })),
        Sample("E209 by an update", updated(scaledObject(), scaledObject { $0.pausedReplicas = 7 })),
        Sample(
            "E204 and W212 of KEDA's HPA",
            created(ownHPA("so-1") { $0.metrics = [kedaMetric] }, cluster(.present(TargetRuntime(monitoring: .off))))),
        Sample("W214", created(hpa(), with(cluster()) { $0.servesCustomMetrics = false })),
        Sample(
            "W214, nobody has it of Datasets",
            created(
                hpa(),
                with(cluster()) {
                    $0.servesCustomMetrics = true
                    $0.capacityResources = ["pods"]
                })),
        Sample(
            "no W214 where Datasets have it",
            created(
                hpa(),
                with(cluster()) {
                    $0.servesCustomMetrics = true
                    $0.capacityResources = ["pods", "datasets.data.fluid.io"]
                })),
        Sample(
            "no W214 where runtimes have it, of one",
            created(hpa { $0.metrics = [runtimeMetric] }, cluster(serving: ["alluxioruntimes.data.fluid.io"]))),
        Sample(
            "W214, nobody has it of runtimes",
            created(hpa { $0.metrics = [runtimeMetric] }, cluster(serving: ["pods", "datasets.data.fluid.io"]))),
        Sample(
            "no W214 of an object that has no cache",
            created(
                hpa { $0.metrics = [capacityMetric { $0.describedKind = "Ingress" }] }, cluster(serving: ["pods"]))),
        Sample(
            "no W214 of External metrics",
            created(
                ownHPA("so-1") { $0.metrics = [with(kedaMetric) { $0.targetType = "Value" }] },
                with(cluster()) { $0.servesCustomMetrics = false })),
        Sample("W213, the metric", updated(hpa(), hpa { $0.metrics = [serverMetric] })),
        Sample(
            "no W213 where CPU is written",
            updated(
                hpa(),
                hpa {
                    $0.metrics = [serverMetric];
                    $0.written = HPAWrittenFields(minReplicas: true, metrics: true, scaleDown: true)
                })),
        Sample(
            "no W213 of a metric of one's own",
            updated(hpa(), hpa { $0.metrics = [capacityMetric { $0.name = "queue" }] })),
        Sample("W213, the pace", updated(hpa { $0.scaleDown = ours }, hpa { $0.scaleDown = nil })),
        Sample(
            "W213, all of it",
            updated(
                hpa {
                    $0.scaleDown = ours; $0.minReplicas = .present(2)
                },
                hpa {
                    $0.scaleDown = serverScaleDown; $0.hasScaleUp = true; $0.metrics = [serverMetric];
                    $0.minReplicas = .absent
                }, cluster(1, 4))),
        Sample(
            "no W213 of a controller's HPA",
            updated(ownHPA("so-1") { $0.scaleDown = ours }, ownHPA("so-1") { $0.scaleDown = nil })),
    ]

    static let scaleHolds: [Sample] = [
        Sample("H301, to the maximum", brought(3, 6)),
        Sample("H301, from 0 to the minimum", brought(0, 1, cluster(2, 4))),
        Sample("H301, down to the minimum", brought(4, 1, cluster(2, 4))),
        Sample("H301, from outside", brought(6, 2, cluster(3, 4))),
        Sample("at the maximum it is refused", brought(4, 6)),
        Sample("at the minimum too", brought(2, 1, cluster(2, 4))),
        Sample("inside", brought(3, 4)),
        Sample("0 is always allowed", brought(3, 0, cluster(2, 4))),
        Sample("beyond a filled-in maximum", brought(3, 12, cluster(1, 10, filledIn: true))),
        Sample("away from the bounds it is refused", brought(6, 8)),
        Sample("contradictory bounds", brought(2, 3, cluster(5, 4))),
        Sample("nobody knows the runtime", brought(2, 9, .unknown)),
    ]

    private static func brought(_ old: Int64, _ new: Int64, _ cluster: ClusterFacts = cluster()) -> Verdict {
        ScaleRules.mutateUpdate(
            ScaleFacts(namespace: "default", name: "hbase", oldReplicas: .present(old), newReplicas: .present(new)),
            cluster: cluster)
    }

    private static func scaledObject(_ change: (inout ScaledObjectFacts) -> Void = { _ in }) -> ScaledObjectFacts {
        var facts = ScaledObjectFacts(
            namespace: "default", name: "hbase-so",
            target: ScaleTarget(apiVersion: "data.fluid.io/v1alpha1", kind: "AlluxioRuntime", name: "hbase"))
        facts.minReplicas = .present(1)
        facts.maxReplicas = .present(3)
        facts.triggers = [.init(type: "prometheus", metricType: "Value", readsCacheMetric: true)]
        change(&facts)
        return facts
    }

    private static let brokenScaledObject = scaledObject {
        $0.maxReplicas = .present(10)
        $0.pausedReplicas = 8
        $0.triggers = [.init(type: "external", readsCacheMetric: true)]
    }

    private static func created(_ facts: ScaledObjectFacts, _ cluster: ClusterFacts = cluster()) -> Verdict {
        ScaledObjectRules.validateCreate(facts, cluster: cluster, policy: policy, isDryRun: false)
    }
    private static func created(_ facts: HPAFacts, _ cluster: ClusterFacts = cluster()) -> Verdict {
        HPARules.validateCreate(facts, cluster: cluster, policy: policy, isDryRun: false)
    }
    private static func updated(_ old: ScaledObjectFacts, _ new: ScaledObjectFacts) -> Verdict {
        ScaledObjectRules.validateUpdate(old: old, new: new, cluster: cluster(), policy: policy, isDryRun: false)
    }
    private static func updated(_ old: HPAFacts, _ new: HPAFacts, _ cluster: ClusterFacts = cluster()) -> Verdict {
        HPARules.validateUpdate(old: old, new: new, cluster: cluster, policy: policy, isDryRun: false)
    }

    /// The HPA that KEDA makes of the ScaledObject with this uid, as somebody else's and as the one that is judged.
    private static func kedaHPA(_ uid: String) -> ScalerFacts {
        var scaler = ScalerFacts(kind: "HorizontalPodAutoscaler", name: "keda-hpa-\(uid)", uid: "hpa-of-\(uid)")
        scaler.controller = OwnerFacts(kind: "ScaledObject", name: uid, uid: uid, isController: true)
        return scaler
    }
    private static func ownHPA(_ uid: String, _ change: (inout HPAFacts) -> Void = { _ in }) -> HPAFacts {
        hpa {
            $0.name = "keda-hpa-\(uid)"
            $0.owners = [OwnerFacts(kind: "ScaledObject", name: uid, uid: uid, isController: true)]
            change(&$0)
        }
    }
    private static func scaled(_ uid: String, at time: Int64) -> ScalerFacts {
        var scaler = ScalerFacts(kind: "ScaledObject", name: uid, uid: uid)
        scaler.createdAt = time
        return scaler
    }
    private static var kedaMetric: MetricFacts {
        var metric = MetricFacts(type: "External", name: "s0-capacity_used_rate")
        metric.targetType = "AverageValue"
        metric.hasAverageValue = true
        return metric
    }
    private static var ours: ScaleDownFacts {
        var facts = ScaleDownFacts()
        facts.stabilizationWindowSeconds = 60
        facts.selectPolicy = "Max"
        facts.policies = [ScaleDownFacts.Pace(type: "Pods", value: 1, periodSeconds: 60)]
        return facts
    }
}
