@testable import Rules

extension Sample {
    static let hpaDefaults: [Sample] = [
        Sample("nothing is filled in where all is written", defaulted(hpa())),
        Sample("D201 to D204 where nothing is written, as in a file", defaulted(bare { _ in }, cluster(2, 5))),
        Sample(
            "D201 to D204 where the API server filled in its own, as last-applied shows",
            defaulted(
                bare {
                    $0.minReplicas = .present(1)
                    $0.maxReplicas = .present(0)
                    $0.hasMetrics = true
                    $0.metrics = [serverMetric]
                    $0.behaviorContainer = .object
                    $0.hasScaleUp = true
                    $0.scaleDown = serverScaleDown
                    $0.written = HPAWrittenFields(minReplicas: false, metrics: false, scaleDown: false)
                }, cluster(2, 5))),
        Sample(
            "what last-applied shows was written stays",
            defaulted(
                bare {
                    $0.minReplicas = .present(1)
                    $0.maxReplicas = .present(3)
                    $0.hasMetrics = true
                    $0.metrics = [serverMetric]
                    $0.behaviorContainer = .object
                    $0.hasScaleUp = true
                    $0.scaleDown = serverScaleDown
                    $0.written = HPAWrittenFields(minReplicas: true, metrics: true, scaleDown: true)
                }, cluster(2, 5))),
        Sample(
            "without last-applied only the scale-down is known to be the API server's",
            defaulted(
                bare {
                    $0.minReplicas = .present(1)
                    $0.maxReplicas = .present(3)
                    $0.hasMetrics = true
                    $0.metrics = [serverMetric]
                    $0.behaviorContainer = .object
                    $0.hasScaleUp = true
                    $0.scaleDown = serverScaleDown
                }, cluster(2, 5))),
        Sample(
            "D202 never goes above the HPA's own maximum",
            defaulted(
                hpa {
                    $0.minReplicas = .absent; $0.maxReplicas = .present(2)
                }, cluster(3, 5))),
        Sample(
            "D202 never goes above what D201 fills in",
            defaulted(
                hpa {
                    $0.minReplicas = .absent; $0.maxReplicas = .absent
                }, cluster(5, 3))),
        Sample("D202 is at least 1", defaulted(hpa { $0.minReplicas = .absent }, cluster(0, 5))),
        Sample(
            "no bounds, no D201 or D202",
            defaulted(
                hpa {
                    $0.minReplicas = .absent; $0.maxReplicas = .absent
                }, cluster(nil, nil))),
        Sample(
            "no D203 while metrics are off",
            defaulted(
                hpa {
                    $0.metrics = []; $0.hasMetrics = false
                }, cluster(.present(TargetRuntime(monitoring: .off))))),
        Sample(
            "D203 is of the Dataset where both have it",
            defaulted(
                hpa { $0.metrics = [] },
                cluster(serving: ["pods", "datasets.data.fluid.io", "alluxioruntimes.data.fluid.io"]))),
        Sample(
            "D203 is of the runtime where only that has it",
            defaulted(hpa { $0.metrics = [] }, cluster(serving: ["pods", "alluxioruntimes.data.fluid.io"]))),
        Sample(
            "D203 is of the Dataset where only pods have it",
            defaulted(hpa { $0.metrics = [] }, cluster(serving: ["pods"]))),
        Sample("an empty list of metrics is replaced", defaulted(hpa { $0.metrics = [] })),
        Sample(
            "v1 has neither metrics nor behaviour", defaulted(with(bare { _ in }) { $0.version = .v1 }, cluster(2, 5))),
        Sample("a controller's HPA is left alone", defaulted(bare { $0.owners = [keda] }, cluster(2, 5))),
        Sample(
            "an HPA of another target is left alone", defaulted(bare { $0.target.kind = "Deployment" }, cluster(2, 5))),
        Sample(
            "a scale-down of one's own stays",
            defaulted(
                hpa {
                    $0.hasScaleUp = true; $0.scaleDown = with(serverScaleDown) { $0.stabilizationWindowSeconds = 300 }
                })),
        Sample(
            "so does one like the API server's without a scale-up",
            defaulted(hpa { $0.scaleDown = serverScaleDown })),
        Sample(
            "so does a CPU metric of one's own",
            defaulted(
                hpa {
                    $0.metrics = [with(serverMetric) { $0.averageUtilization = 50 }]
                    $0.written = HPAWrittenFields(minReplicas: true, metrics: false, scaleDown: true)
                })),
        Sample(
            "so does one with a tolerance",
            defaulted(
                hpa {
                    $0.hasScaleUp = true; $0.scaleDown = with(serverScaleDown) { $0.hasOtherFields = true }
                })),
    ]

    static let hpaCreates: [Sample] = [
        Sample("a sound HPA", created(hpa())),
        Sample(
            "any version of the target's group",
            created(
                hpa {
                    $0.target.apiVersion = "data.fluid.io/v9"; $0.maxReplicas = .present(5)
                })),
        Sample(
            "another group",
            created(
                hpa {
                    $0.target.apiVersion = "data.fluid.io.example/v1"; $0.maxReplicas = .present(5)
                })),
        Sample(
            "another kind",
            created(
                hpa {
                    $0.target.kind = "JindoRuntime"; $0.maxReplicas = .present(5)
                })),
        Sample("E201", created(hpa(), cluster(scalers: [hpaScaler("first")]))),
        Sample(
            "E201, several",
            created(
                hpa(),
                cluster(scalers: [
                    hpaScaler("b"), hpaScaler("a"), ScalerFacts(kind: "ScaledObject", name: "so", uid: "1"),
                    ScalerFacts(kind: "CronHorizontalPodAutoscaler", name: "night", uid: "2"), hpaScaler("c"),
                ]))),
        Sample("an HPA is no second one to itself", created(hpa(), cluster(scalers: [hpaScaler("hbase-hpa")]))),
        Sample(
            "its owner is no second one",
            created(
                hpa { $0.owners = [keda] },
                cluster(scalers: [ScalerFacts(kind: "ScaledObject", name: "hbase", uid: "keda-1")]))),
        Sample(
            "a namesake of its owner is a second one",
            created(
                hpa { $0.owners = [keda] },
                cluster(scalers: [ScalerFacts(kind: "ScaledObject", name: "hbase", uid: "keda-2")]))),
        Sample(
            "without a uid the name decides",
            created(
                hpa { $0.owners = [keda] },
                cluster(scalers: [ScalerFacts(kind: "ScaledObject", name: "hbase", uid: "")]))),
        Sample("E202", created(hpa(), cluster(2, 4))),
        Sample("E202, absent is 1", created(hpa { $0.minReplicas = .absent }, cluster(2, 4))),
        Sample("E203", created(hpa { $0.maxReplicas = .present(5) })),
        Sample("E202 and E203, all of it below", created(hpa(), cluster(5, 8))),
        Sample(
            "W202",
            created(
                hpa {
                    $0.maxReplicas = .present(5); $0.owners = [keda]
                })),
        Sample("W203", created(hpa { $0.maxReplicas = .present(11) }, cluster(1, 10, filledIn: true))),
        Sample("no bounds", created(hpa { $0.maxReplicas = .present(1_000) }, cluster(nil, nil))),
        Sample("E204", created(hpa(), cluster(.present(TargetRuntime(monitoring: .off))))),
        Sample(
            "E204 on the proposal's CRD",
            created(hpa(), cluster(.present(TargetRuntime(monitoring: .off)), metricsSwitch: .monitoring))),
        Sample(
            "another metric while metrics are off",
            created(
                hpa { $0.metrics = [capacityMetric { $0.name = "queue" }] },
                cluster(.present(TargetRuntime(monitoring: .off))))),
        Sample("E205", created(hpa(), cluster(hasLabelSelectorPath: false))),
        Sample("E208", created(hpa { $0.hasMoreMetrics = true })),
        Sample("E206, averageValue only", created(hpa { $0.metrics = [mismatch("capacity_used_rate")] })),
        Sample(
            "E206, value only",
            created(hpa { $0.metrics = [serverMetric, capacityMetric { $0.targetType = "AverageValue" }] })),
        Sample(
            "both values are fine",
            created(hpa { $0.metrics = [mismatch("m"), mismatch("n")].map { with($0) { $0.hasValue = true } } })),
        Sample(
            "so they are as AverageValue",
            created(
                hpa {
                    $0.metrics = [
                        with(mismatch("n")) {
                            $0.targetType = "AverageValue"; $0.hasValue = true
                        }
                    ]
                })),
        Sample("E207", created(hpa(), cluster(.absent), policy: AdmissionPolicy(missingTarget: .deny))),
        Sample(
            "W201 on a dry run",
            HPARules.validateCreate(
                hpa(), cluster: cluster(.absent), policy: AdmissionPolicy(missingTarget: .deny), isDryRun: true)),
        Sample("W201", created(hpa(), cluster(.absent))),
        Sample(
            "W205 and W206: the seed's own HPA",
            created(
                hpa {
                    $0.version = .v2beta2
                    $0.metrics = [seedMetric]
                })),
        Sample(
            "no W205 where workers have it",
            created(
                hpa { $0.metrics = [with(seedMetric) { $0.targetType = "AverageValue" }] },
                with(cluster()) {
                    $0.servesCustomMetrics = true
                    $0.capacityResources = ["pods", "datasets.data.fluid.io", "alluxioruntimes.data.fluid.io"]
                })),
        Sample(
            "W207: the seed's own selector",
            created(hpa { $0.metrics = [seedMetric] }, cluster(.present(TargetRuntime(selector: "name=hbase-master"))))),
        Sample(
            "W207: by role",
            created(hpa(), cluster(.present(TargetRuntime(selector: "app=alluxio,role=alluxio-master"))))),
        Sample(
            "a selector of workers",
            created(hpa(), cluster(.present(TargetRuntime(selector: "app=alluxio,release=hbase,role=alluxio-worker"))))),
        Sample("W208", created(hpa { $0.scaleDown?.selectPolicy = "Disabled" })),
        Sample("W209", created(hpa { $0.minReplicas = .present(0) }, cluster(2, 4))),
        Sample("W210, no telling", created(hpa { $0.metrics = [serverMetric] })),
        Sample(
            "no W210 where CPU was written",
            created(
                hpa {
                    $0.metrics = [serverMetric];
                    $0.written = HPAWrittenFields(minReplicas: true, metrics: true, scaleDown: true)
                })),
        Sample("W211", created(hpa(), .unknown)),
        Sample(
            "W212",
            created(
                hpa {
                    $0.metrics = [
                        capacityMetric {
                            $0.targetType = "AverageValue"; $0.hasAverageValue = true; $0.hasValue = false
                        }
                    ]
                })),
        Sample("everything at once", created(brokenHPA, hardCluster)),
    ]

    static let keda = OwnerFacts(kind: "ScaledObject", name: "hbase", uid: "keda-1", isController: true)

    static var serverScaleDown: ScaleDownFacts {
        var facts = ScaleDownFacts()
        facts.selectPolicy = "Max"
        facts.policies = [ScaleDownFacts.Pace(type: "Percent", value: 100, periodSeconds: 15)]
        return facts
    }

    static var seedMetric: MetricFacts {
        capacityMetric {
            $0.type = "Pods"
            $0.hasValue = false
            $0.hasAverageValue = true
        }
    }

    /// An HPA with nothing but its target.
    static func bare(_ change: (inout HPAFacts) -> Void) -> HPAFacts {
        var facts = HPAFacts(
            namespace: "default", name: "hbase-hpa",
            target: ScaleTarget(apiVersion: "data.fluid.io/v1alpha1", kind: "AlluxioRuntime", name: "hbase"))
        change(&facts)
        return facts
    }
}
