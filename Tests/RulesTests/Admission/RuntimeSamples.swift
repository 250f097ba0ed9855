@testable import Rules

extension Sample {
    static let runtimeDefaults: [Sample] = [
        Sample("nothing is filled in where all is written", defaulted(runtime { $0.annotations = bothBounds })),
        Sample(
            "D101, D102 and D103 where nothing is written",
            defaulted(
                runtime {
                    $0.replicas = .absent
                    $0.disablePrometheus = .absent
                })),
        Sample(
            "parents are made first",
            defaulted(
                runtime {
                    $0.specContainer = .absent
                    $0.replicas = .absent
                    $0.disablePrometheus = .absent
                    $0.annotationsContainer = .object
                })),
        Sample(
            "D101 takes the annotated minimum",
            defaulted(
                runtime {
                    $0.replicas = .absent
                    $0.annotations = [Annotation.minReplicas: "3", Annotation.maxReplicas: "5"]
                })),
        Sample(
            "D101 does not start a cache suspended",
            defaulted(
                runtime {
                    $0.replicas = .absent
                    $0.annotations = [Annotation.minReplicas: "0", Annotation.maxReplicas: "5"]
                })),
        Sample(
            "D102 fills in the proposal's own flag",
            defaulted(
                runtime {
                    $0.disablePrometheus = .absent
                    $0.annotations = bothBounds
                }, cluster(metricsSwitch: .monitoring))),
        Sample(
            "D102 leaves alone who wrote the proposal's flag where the CRD is not known",
            defaulted(
                runtime {
                    $0.disablePrometheus = .absent
                    $0.monitoring = .present(true)
                    $0.annotations = bothBounds
                }, .unknown)),
        Sample(
            "D102 fills in nothing where the CRD has no flag",
            defaulted(
                runtime {
                    $0.disablePrometheus = .absent
                    $0.annotations = bothBounds
                }, cluster(metricsSwitch: .neither))),
        Sample(
            "D102 does not contradict monitoring: false",
            defaulted(
                runtime {
                    $0.disablePrometheus = .absent
                    $0.monitoring = .present(false)
                    $0.annotations = bothBounds
                })),
        Sample("D103 leaves room for the workers that there are", defaulted(runtime { $0.replicas = .present(16) })),
        Sample(
            "D103 fills in the minimum beside a written maximum, without its mark",
            defaulted(runtime { $0.annotations = [Annotation.maxReplicas: "5"] })),
        Sample(
            "D103 fills in a maximum not below a written minimum",
            defaulted(runtime { $0.annotations = [Annotation.minReplicas: "12"] })),
        Sample(
            "fields of the wrong type are left alone",
            defaulted(
                runtime {
                    $0.replicas = .unreadable(seen: "\"two\"")
                    $0.disablePrometheus = .unreadable(seen: "\"no\"")
                    $0.annotations = bothBounds
                })),
    ]

    static let runtimeCreates: [Sample] = [
        Sample("a sound runtime", created(runtime { $0.annotations = bothBounds })),
        Sample(
            "0 workers are always allowed",
            created(
                runtime {
                    $0.replicas = .present(0); $0.annotations = bothBounds
                })),
        Sample("no annotation, no bound", created(runtime { $0.replicas = .present(1_000_000) })),
        Sample("E101", created(runtime { $0.name = "20-hbase" })),
        Sample(
            "E101, generated",
            created(
                runtime {
                    $0.name = ""; $0.generateName = "Hbase-"
                })),
        Sample(
            "a generated name",
            created(
                runtime {
                    $0.name = ""; $0.generateName = "hbase-"
                })),
        Sample(
            "a name of 45 characters",
            created(
                runtime {
                    $0.namespace = "abc"; $0.name = letters(45)
                })),
        Sample(
            "E102",
            created(
                runtime {
                    $0.namespace = "ab"; $0.name = letters(46)
                })),
        Sample(
            "W110",
            created(
                runtime {
                    $0.namespace = "machine-learning-team-berlin"; $0.name = letters(21)
                })),
        Sample("E103, negative", created(runtime { $0.replicas = .present(-1) })),
        Sample("E103, too many", created(runtime { $0.replicas = .present(2_147_483_648) })),
        Sample(
            "E104",
            created(
                runtime {
                    $0.replicas = .present(1); $0.annotations = [Annotation.minReplicas: "2"]
                })),
        Sample(
            "E105",
            created(
                runtime {
                    $0.replicas = .present(6); $0.annotations = [Annotation.maxReplicas: "5"]
                })),
        Sample(
            "E105, since a person wrote the maximum beside the mark",
            created(
                runtime {
                    $0.replicas = .present(6)
                    $0.annotations = [Annotation.maxReplicas: "5", Annotation.defaulted: "bounds"]
                    $0.isMaximumInLastApplied = true
                })),
        Sample(
            "W106",
            created(
                runtime {
                    $0.replicas = .present(11)
                    $0.annotations = [Annotation.maxReplicas: "10", Annotation.defaulted: "bounds"]
                })),
        Sample("E114", created(runtime { $0.hasMoreTierLevels = true })),
        Sample("E107", created(runtime { $0.tierLevels = [tier(), tier { $0.quota = .absent }] })),
        Sample(
            "E107, empty texts",
            created(
                runtime {
                    $0.tierLevels = [
                        tier {
                            $0.quota = .present(""); $0.quotaList = .present("")
                        }
                    ]
                })),
        Sample(
            "E108, too few",
            created(
                runtime {
                    $0.tierLevels = [
                        tier {
                            $0.path = .present("/mnt/a,/mnt/b,/mnt/c"); $0.quotaList = .present("1Gi,2Gi")
                        }
                    ]
                })),
        Sample(
            "E108, no path",
            created(
                runtime {
                    $0.tierLevels = [
                        tier {
                            $0.path = .absent; $0.quotaList = .present("1Gi,2Gi")
                        }
                    ]
                })),
        Sample(
            "E108, no quantity",
            created(
                runtime {
                    $0.tierLevels = [
                        tier {
                            $0.path = .present("/mnt/a,/mnt/b"); $0.quotaList = .present("1Gi, 2Gi")
                        }
                    ]
                })),
        Sample(
            "a quotaList that matches",
            created(
                runtime {
                    $0.tierLevels = [
                        tier {
                            $0.path = .present("/mnt/a,/mnt/b"); $0.quota = .absent;
                            $0.quotaList = .present("1.5Gi,2e9")
                        }
                    ]
                })),
        Sample(
            "E109 for both bounds",
            created(runtime { $0.annotations = [Annotation.minReplicas: "-1", Annotation.maxReplicas: "0"] })),
        Sample(
            "E110, and no word about the replicas",
            created(runtime { $0.annotations = [Annotation.minReplicas: "5", Annotation.maxReplicas: "4"] })),
        Sample("E111 for each annotation", created(runtime { $0.annotations = unreadableDrainPolicy })),
        Sample("a drain policy that can be read", created(runtime { $0.annotations = readableDrainPolicy })),
        Sample(
            "E112 for each field",
            created(
                runtime {
                    $0.replicas = .unreadable(seen: "\"two\"")
                    $0.monitoring = .unreadable(seen: "\"yes\"")
                    $0.disablePrometheus = .unreadable(seen: "0")
                    $0.workerReplicas = .unreadable(seen: "{}")
                    $0.tierLevels = [
                        tier {
                            $0.path = .unreadable(seen: "[\"/dev/shm\"]")
                            $0.quota = .unreadable(seen: "{}")
                            $0.quotaList = .unreadable(seen: "[1,2]")
                            $0.high = .unreadable(seen: "0.95")
                            $0.low = .unreadable(seen: "0.7")
                        }
                    ]
                })),
        Sample(
            "W101",
            created(
                runtime {
                    $0.tierLevels = [
                        tier {
                            $0.high = .present("95%"); $0.low = .present("-0.5")
                        }
                    ]
                })),
        Sample("equal watermarks", created(runtime { $0.tierLevels = [tier { $0.high = .present("0.7") }] })),
        Sample("W102", created(runtime { $0.tierLevels = [tier { $0.high = .present("0.5") }] })),
        Sample(
            "empty watermarks are none",
            created(
                runtime {
                    $0.tierLevels = [
                        tier {
                            $0.high = .present(""); $0.low = .absent
                        }
                    ]
                })),
        Sample("W103", created(runtime { $0.workerReplicas = .present(3) })),
        Sample(
            "W104",
            created(
                runtime { $0.disablePrometheus = .present(true) },
                cluster(scalers: [hpaScaler("hbase-hpa"), hpaScaler("a")]))),
        Sample(
            "W104, the proposal's flag",
            created(
                runtime { $0.monitoring = .present(false) },
                cluster(scalers: [hpaScaler("a")], metricsSwitch: .monitoring))),
        Sample("no W104 without an HPA", created(runtime { $0.disablePrometheus = .present(true) })),
        Sample(
            "W105, pruned",
            created(
                runtime {
                    $0.prunedFields = [
                        "spec.monitoring", "spec.fuse.global", "spec.tieredstore.levels[0].storageType", "spec.wrong",
                    ]
                })),
        Sample(
            "W105, kept without effect", created(runtime { $0.legacyFields = ["spec.monitoring", "spec.fuse.global"] })),
        Sample(
            "W105, no cluster to ask",
            created(
                runtime {
                    $0.legacyFields = [
                        "spec.monitoring", "spec.fuse.global", "spec.tieredstore.levels[10].storageType",
                    ]
                }, .unknown)),
        Sample(
            "no W105 on the proposal's CRD",
            created(runtime { $0.legacyFields = ["spec.monitoring"] }, cluster(metricsSwitch: .monitoring))),
        Sample(
            "W108",
            created(runtime { $0.annotations = ["sluice.dev/max-replica": "5", "sluice.dev/" + letters(80): "x"] })),
        Sample(
            "all at once, sorted by field and code",
            created(
                runtime {
                    $0.name = "20-hbase"
                    $0.replicas = .present(-1)
                    $0.annotations = [Annotation.minReplicas: "few", Annotation.drain: "free"]
                    $0.tierLevels = [
                        tier {
                            $0.quota = .absent; $0.high = .present("2")
                        }
                    ]
                    $0.workerReplicas = .present(1)
                })),
    ]

    static let bothBounds = [Annotation.minReplicas: "1", Annotation.maxReplicas: "5"]

    static let unreadableDrainPolicy = [
        Annotation.drain: "free", Annotation.drainScope: "Node", Annotation.skipDrain: "uid-1",
        Annotation.drainPaths: "data",
        Annotation.drainClient: "RPC", Annotation.drainPinned: "unpin", Annotation.drainDeadline: "10",
        Annotation.onDeadline: "Force",
        Annotation.cooldown: "1 minute", Annotation.paused: "yes",
    ]

    static let readableDrainPolicy = [
        Annotation.drain: "Decommission", Annotation.drainScope: "Path", Annotation.skipDrain: "uid-1: disk is gone",
        Annotation.drainPaths: "/data,/logs/old files", Annotation.drainPinned: "Unpin",
        Annotation.drainClient: "Rpc", Annotation.drainDeadline: "1h30m",
        Annotation.onDeadline: "Remove", Annotation.cooldown: "0s", Annotation.paused: "true: disks are being changed",
    ]

    static func hpaScaler(_ name: String) -> ScalerFacts {
        ScalerFacts(kind: "HorizontalPodAutoscaler", name: name, uid: "uid-\(name)")
    }

    static func letters(_ count: Int) -> String { String(repeating: "a", count: count) }
}
