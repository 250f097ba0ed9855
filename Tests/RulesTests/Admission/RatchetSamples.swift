@testable import Rules

extension Sample {
    /// Updates of runtimes: only what they change is judged.
    static let runtimeUpdates: [Sample] = [
        Sample("nothing changed in a broken runtime", updated(broken, broken)),
        Sample(
            "metadata changed in a broken runtime",
            updated(broken, with(broken) { $0.annotationsContainer = .absent })),
        Sample(
            "a broken runtime that is being deleted",
            updated(runtime(), with(broken) { $0.isBeingDeleted = true })),
        Sample(
            "a broken runtime that was being deleted",
            updated(with(runtime()) { $0.isBeingDeleted = true }, broken)),
        Sample("a runtime becomes broken", updated(runtime(), broken)),
        Sample("Fluid drops disablePrometheus: false", updated(runtime(), runtime { $0.disablePrometheus = .absent })),
        Sample(
            "Fluid drops replicas: 0", updated(runtime { $0.replicas = .present(0) }, runtime { $0.replicas = .absent })
        ),
        Sample("replicas stay absent", updated(runtime { $0.replicas = .absent }, runtime { $0.replicas = .absent })),
        Sample(
            "too many levels stay too many",
            updated(runtime { $0.hasMoreTierLevels = true }, runtime { $0.hasMoreTierLevels = true })),
        Sample("W111", updated(bounded(3, 1, 4), bounded(2, 1, 4), cluster(daemonWorkers()))),
        Sample("E113", updated(bounded(3, 1, 4), bounded(2, 1, 4), cluster(daemonWorkers()), policy: gated)),
        Sample(
            "no E113 while it is being deleted",
            updated(
                bounded(3, 1, 4), with(bounded(2, 1, 4)) { $0.isBeingDeleted = true }, cluster(daemonWorkers()),
                policy: gated)),
        Sample(
            "E106, and no E113",
            updated(
                bounded(3, 1, 4), with(bounded(3, 1, 4)) { $0.replicas = .absent }, cluster(daemonWorkers()),
                policy: gated)),
        Sample("E106", updated(runtime(), runtime { $0.replicas = .absent })),
        Sample(
            "E106 is no matter of bounds", updated(bounded(3, 1, 4), with(bounded(0, 1, 4)) { $0.replicas = .absent })),
        Sample("suspended by an explicit 0", updated(bounded(3, 2, 4), bounded(0, 2, 4))),
        Sample("E104 after a suspension", updated(bounded(0, 2, 4), bounded(1, 2, 4))),
        Sample("E105 from inside", updated(bounded(4, 1, 4), bounded(5, 1, 4))),
        Sample("E105, farther out", updated(bounded(6, 1, 4), bounded(7, 1, 4))),
        Sample("W107, towards the maximum", updated(bounded(7, 1, 4), bounded(6, 1, 4))),
        Sample("W107, towards the minimum", updated(bounded(1, 4, 8), bounded(2, 4, 8))),
        Sample("W107, as far out as before", updated(bounded(6, 1, 4), bounded(7, 1, 5))),
        Sample("E104, through to the other side", updated(bounded(6, 3, 4), bounded(2, 3, 4))),
        Sample("W106 on the way up", updated(filledIn(10, 10), filledIn(11, 10))),
        Sample("E105 by a lower maximum", updated(bounded(4, 1, 4), bounded(4, 1, 3))),
        Sample("W107 by a higher maximum", updated(bounded(6, 1, 4), bounded(6, 1, 5))),
        Sample("E104 by a higher minimum", updated(bounded(2, 1, 4), bounded(2, 3, 4))),
        Sample("W109", updated(filledIn(2, 10), filledIn(2, 5))),
        Sample("W112", updated(filledIn(2, 10), runtime { $0.replicas = .present(2) })),
        Sample("no W112 where a person wrote them", updated(bounded(2, 1, 5), runtime { $0.replicas = .present(2) })),
        Sample(
            "no W109 where the mark goes", updated(filledIn(2, 10), bounded(2, 1, 5))),
        Sample(
            "no W109 where a person's apply wrote it",
            updated(filledIn(2, 10), with(filledIn(2, 5)) { $0.isMaximumInLastApplied = true })),
        Sample(
            "E109 of a new annotation, not of an old one",
            updated(
                runtime { $0.annotations = [Annotation.minReplicas: "few"] },
                runtime { $0.annotations = [Annotation.minReplicas: "few", Annotation.maxReplicas: "many"] })),
        Sample(
            "E111 of a changed annotation, not of an old one",
            updated(
                runtime { $0.annotations = [Annotation.drain: "free"] },
                runtime { $0.annotations = [Annotation.drain: "free", Annotation.cooldown: "soon"] })),
        Sample(
            "a tier is judged when it changes, wherever it stands",
            updated(
                runtime { $0.tierLevels = [tier { $0.quota = .absent }, tier()] },
                runtime {
                    $0.tierLevels = [
                        tier(), tier { $0.quota = .absent },
                        tier {
                            $0.path = .present("/mnt"); $0.quota = .absent
                        },
                    ]
                })),
        Sample(
            "watermarks are judged apart from sizes",
            updated(
                runtime { $0.tierLevels = [tier { $0.quota = .absent }] },
                runtime {
                    $0.tierLevels = [
                        tier {
                            $0.quota = .absent; $0.high = .present("7")
                        }
                    ]
                })),
        Sample(
            "W103 once",
            updated(runtime { $0.workerReplicas = .present(3) }, runtime { $0.workerReplicas = .present(3) })),
        Sample(
            "W104 when metrics go off",
            updated(runtime(), runtime { $0.disablePrometheus = .present(true) }, cluster(scalers: [hpaScaler("h")]))),
        Sample(
            "W104 once",
            updated(
                runtime { $0.disablePrometheus = .present(true) },
                runtime {
                    $0.disablePrometheus = .present(true); $0.replicas = .present(3)
                }, cluster(scalers: [hpaScaler("h")]))),
        Sample(
            "W105 once",
            updated(
                runtime { $0.legacyFields = ["spec.monitoring"] }, runtime { $0.legacyFields = ["spec.monitoring"] })),
        Sample(
            "a name is not judged again",
            updated(
                runtime { $0.name = "20-hbase" },
                runtime {
                    $0.name = "20-hbase"; $0.replicas = .present(3)
                })),
    ]

    /// Updates of HPAs: only what they change is judged.
    static let hpaUpdates: [Sample] = [
        Sample("nothing changed in a broken HPA", updated(brokenHPA, brokenHPA, hardCluster)),
        Sample("only status changed", updated(brokenHPA, with(brokenHPA) { $0.uid = "u" }, hardCluster)),
        Sample(
            "a broken HPA that is being deleted",
            updated(hpa(), with(brokenHPA) { $0.isBeingDeleted = true }, hardCluster)),
        Sample(
            "a new target is judged like a new HPA",
            updated(with(brokenHPA) { $0.target.name = "other" }, brokenHPA, hardCluster)),
        Sample(
            "so is a target that was none of ours",
            updated(with(hpa()) { $0.target.kind = "Deployment" }, hpa(), cluster(.absent))),
        Sample(
            "away to a target that is none of ours", updated(hpa(), with(brokenHPA) { $0.target.kind = "Deployment" })),
        Sample("E203 from inside", updated(hpa(), hpa { $0.maxReplicas = .present(5) })),
        Sample(
            "W204, towards the maximum",
            updated(hpa { $0.maxReplicas = .present(9) }, hpa { $0.maxReplicas = .present(8) })),
        Sample("E202 from inside", updated(hpa { $0.minReplicas = .present(2) }, hpa(), cluster(2, 4))),
        Sample(
            "E202 by dropping the field",
            updated(hpa { $0.minReplicas = .present(2) }, hpa { $0.minReplicas = .absent }, cluster(2, 4))),
        Sample(
            "E206 of a new metric, not of an old one",
            updated(
                hpa { $0.metrics = [mismatch("a")] }, hpa { $0.metrics = [mismatch("a"), mismatch("b")] })),
        Sample("W208 when it is disabled", updated(hpa(), hpa { $0.scaleDown?.selectPolicy = "Disabled" })),
        Sample("W209 when it becomes 0", updated(hpa(), hpa { $0.minReplicas = .present(0) })),
        Sample(
            "E204 of a new metric",
            updated(
                hpa { $0.metrics = [] }, hpa(), cluster(.present(TargetRuntime(monitoring: .off))))),
    ]

    static let broken = runtime {
        $0.replicas = .present(-1)
        $0.tierLevels = [
            tier {
                $0.quota = .absent; $0.high = .present("95")
            }
        ]
        $0.annotations = [Annotation.maxReplicas: "many", Annotation.drain: "free", "sluice.dev/unknown": "x"]
        $0.workerReplicas = .present(3)
        $0.legacyFields = ["spec.monitoring"]
    }

    static let brokenHPA = hpa {
        $0.minReplicas = .present(0)
        $0.maxReplicas = .present(100)
        $0.metrics = [capacityMetric(), mismatch("m")]
        $0.scaleDown?.selectPolicy = "Disabled"
    }

    /// A cluster in which an HPA can do nothing right.
    static let hardCluster = cluster(
        .present(
            TargetRuntime(bounds: Bounds(minimum: 1, maximum: 4), monitoring: .off, selector: "name=hbase-master")),
        scalers: [hpaScaler("other")], hasLabelSelectorPath: false)

    static func bounded(_ replicas: Int64, _ minimum: Int, _ maximum: Int) -> RuntimeFacts {
        runtime {
            $0.replicas = .present(replicas)
            $0.annotations = [Annotation.minReplicas: "\(minimum)", Annotation.maxReplicas: "\(maximum)"]
        }
    }

    static func filledIn(_ replicas: Int64, _ maximum: Int) -> RuntimeFacts {
        with(bounded(replicas, 1, maximum)) { $0.annotations[Annotation.defaulted] = "bounds" }
    }

    static func mismatch(_ name: String) -> MetricFacts {
        capacityMetric {
            $0.name = name
            $0.hasValue = false
            $0.hasAverageValue = true
        }
    }
}

/// A changed copy of a value.
func with<Value>(_ value: Value, _ change: (inout Value) -> Void) -> Value {
    var value = value
    change(&value)
    return value
}
