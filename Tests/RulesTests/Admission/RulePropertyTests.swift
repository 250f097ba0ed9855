import Testing

@testable import Rules

@Suite struct `The bounds` {
    /// Every case of small numbers, against the rule said in other words.
    @Test func `forgive 0, what is inside, and what comes no farther out on its side`() {
        let ends: [Int64?] = [nil, 0, 1, 2, 3, 4]
        for minimum in ends {
            for maximum in ends where (maximum ?? 1) >= 1 && (minimum ?? 0) <= (maximum ?? 9) {
                let bounds = Bounds(minimum: minimum, maximum: maximum)
                let filledIn = Bounds(minimum: minimum, maximum: maximum, isMaximumFilledIn: true)
                for old in Int64(0)...6 {
                    for new in Int64(0)...6 {
                        let isBelow = new < minimum ?? 0
                        let isAbove = new > maximum ?? 9
                        let isForgiven =
                            new == 0 || (!isBelow && !isAbove) || (isBelow && old != 0 && old <= new)
                            || (isAbove && old >= new)
                        let comment = Comment("\(bounds.words): \(old) -> \(new)")
                        #expect(scaled(old, new, around(bounds)).allowed == isForgiven, comment)
                        #expect(scaled(old, new, around(filledIn)).allowed == (isForgiven || isAbove), comment)
                        let isWarned = isAbove && old < new
                        #expect(
                            scaled(old, new, around(filledIn)).codes.contains(.scaleAboveFilledMaximum) == isWarned,
                            comment)
                        let before = runtimeWith(bounds, old)
                        #expect(updated(before, runtimeWith(bounds, new)).allowed == isForgiven, comment)
                        let isInside = new == 0 || (!isBelow && !isAbove)
                        #expect(created(runtimeWith(bounds, new)).allowed == isInside, comment)
                    }
                }
            }
        }
    }

    @Test func `let an HPA that the gate admits ask for whatever it may`() {
        for minimum in Int64(0)...4 {
            for maximum in max(minimum, 1)...5 {
                let cluster = around(Bounds(minimum: minimum, maximum: maximum))
                for least in Int64(0)...6 {
                    for most in max(least, 1)...6 {
                        let facts = hpa {
                            $0.minReplicas = .present(least); $0.maxReplicas = .present(most)
                        }
                        guard created(facts, cluster).allowed else { continue }
                        for count in least...most where count >= minimum {
                            #expect(
                                scaled(1, count, cluster).allowed,
                                "\(minimum)...\(maximum), \(least)...\(most): \(count)")
                        }
                    }
                }
            }
        }
    }

    @Test func `never overflow`() {
        let extremes: [Int64] = [.min, .min + 1, -1, 0, 1, Int64(Int32.max), .max - 1, .max]
        for minimum in extremes {
            for maximum in extremes {
                let bounds = Bounds(minimum: minimum, maximum: maximum)
                for old in extremes {
                    for new in extremes { _ = bounds.judge(new, before: (old, bounds)) }
                }
            }
        }
    }

    private func around(_ bounds: Bounds) -> ClusterFacts {
        cluster(.present(TargetRuntime(bounds: bounds, monitoring: .on)))
    }

    private func runtimeWith(_ bounds: Bounds, _ replicas: Int64) -> RuntimeFacts {
        runtime {
            $0.replicas = .present(replicas)
            $0.annotations[Annotation.minReplicas] = bounds.minimum.map(String.init)
            $0.annotations[Annotation.maxReplicas] = bounds.maximum.map(String.init)
        }
    }
}

@Suite struct `An update` {
    /// What only an update can be told.
    static let ownCodes: Set<RuleCode> = [
        .replicasDropped, .replicasStillOutside, .staleDefaultedMark, .boundsStillOutside, .defaultsLost,
        .boundsLost,
    ]

    @Test
    func `of a runtime is told nothing that creating the result would not be told, and nothing where nothing changed`()
    {
        for seed in UInt64(0)..<1_500 {
            var random = Seeded(seed: seed)
            let old = random.runtimeFacts()
            let new = random.oneIn(3) ? random.runtimeFacts() : random.changed(old)
            let cluster = random.cluster()
            #expect(updated(old, old, cluster) == .pass || !old.prunedFields.isEmpty, "seed \(seed)")
            let told = updated(old, new, cluster).findings.filter { !`An update`.ownCodes.contains($0.code) }
            #expect(Set(told).isSubset(of: created(new, cluster).findings), "seed \(seed)")
            #expect(updated(old, with(new) { $0.isBeingDeleted = true }, cluster) == .pass, "seed \(seed)")
            check(updated(old, new, cluster), seed)
            check(created(new, cluster), seed)
            check(defaulted(new, cluster), seed)
        }
    }

    @Test
    func `of an HPA is told nothing that creating the result would not be told, and nothing where nothing changed`() {
        for seed in UInt64(0)..<1_500 {
            var random = Seeded(seed: seed)
            let old = random.hpaFacts()
            let new = random.hpaFacts()
            let cluster = random.cluster()
            #expect(updated(old, old, cluster) == .pass, "seed \(seed)")
            let told = updated(old, new, cluster).findings.filter { !`An update`.ownCodes.contains($0.code) }
            #expect(Set(told).isSubset(of: created(new, cluster).findings), "seed \(seed)")
            check(updated(old, new, cluster), seed)
            check(created(new, cluster), seed)
            check(defaulted(new, cluster), seed)
            var foreign = new
            foreign.target.kind = "Deployment"
            #expect(created(foreign, cluster) == .pass && defaulted(foreign, cluster) == .pass, "seed \(seed)")
            #expect(updated(old, foreign, cluster) == .pass, "seed \(seed)")
        }
    }

    private func check(_ verdict: Verdict, _ seed: UInt64) {
        #expect(verdict.findings == verdict.findings.sorted(), "seed \(seed)")
        #expect(
            (verdict.warnings + verdict.patches.map(\.warningText)).allSatisfy { $0.utf8.count <= 120 }, "seed \(seed)")
        #expect(verdict.allowed == verdict.denialMessage.isEmpty, "seed \(seed)")
    }
}

extension Seeded {
    private mutating func text() -> String {
        pick([
            "", "0", "1", "2", "3", "10", "-1", "Free", "None", "Worker", "Path", "/", "10m", "true", "bounds", "1Gi",
            "1Gi,2Gi", "/a,/b", "0.5", "2", "nan", "x\u{0}\n\u{202e}y", String(repeating: "ä", count: 200),
        ])
    }

    private mutating func field<Value>(_ value: Value) -> Field<Value> {
        switch below(5) {
        case 0: .absent
        case 1: .unreadable(seen: text())
        default: .present(value)
        }
    }

    private mutating func number() -> Int64 { pick([.min, -1, 0, 1, 2, 3, 4, 5, 100, 2_147_483_648, .max]) }

    mutating func runtimeFacts() -> RuntimeFacts {
        var facts = RuntimeFacts(namespace: text(), name: pick(["hbase", "20-hbase", "", text()]))
        facts.generateName = oneIn(3) ? text() : ""
        facts.annotationsContainer = pick([.absent, .object, .unreadable])
        if facts.annotationsContainer == .object {
            for name in Annotation.ofRuntimes.sorted() + ["sluice.dev/" + text()] where oneIn(3) {
                facts.annotations[name] = text()
            }
        }
        facts.isMaximumInLastApplied = oneIn(4)
        facts.specContainer = pick([.absent, .object, .object, .unreadable])
        facts.replicas = field(number())
        facts.monitoring = field(oneIn(2))
        facts.disablePrometheus = field(oneIn(2))
        facts.workerReplicas = field(number())
        for _ in 0..<below(4) { facts.tierLevels.append(tierFacts()) }
        facts.prunedFields = oneIn(4) ? [text()] : []
        facts.legacyFields = oneIn(4) ? ["spec.monitoring", text()] : []
        return facts
    }

    mutating func changed(_ facts: RuntimeFacts) -> RuntimeFacts {
        var facts = facts
        let other = runtimeFacts()
        switch below(5) {
        case 0: facts.replicas = other.replicas
        case 1: facts.annotations = other.annotations
        case 2: facts.tierLevels.append(tierFacts())
        case 3: facts.disablePrometheus = other.disablePrometheus
        default: facts.workerReplicas = other.workerReplicas
        }
        return facts
    }

    private mutating func tierFacts() -> TierFacts {
        var facts = TierFacts()
        facts.path = field(text())
        facts.quota = field(text())
        facts.quotaList = field(text())
        facts.high = field(text())
        facts.low = field(text())
        return facts
    }

    mutating func hpaFacts() -> HPAFacts {
        var facts = HPAFacts(
            namespace: text(), name: text(), version: pick(HPAFacts.Version.allCases),
            target: ScaleTarget(
                apiVersion: "data.fluid.io/v1alpha1", kind: "AlluxioRuntime", name: pick(["hbase", text()])))
        if oneIn(3) {
            facts.owners = [OwnerFacts(kind: text(), name: text(), uid: text(), isController: oneIn(2))]
        }
        facts.minReplicas = field(number())
        facts.maxReplicas = field(number())
        facts.hasMetrics = oneIn(2)
        if facts.hasMetrics { for _ in 0..<below(3) { facts.metrics.append(metricFacts()) } }
        facts.behaviorContainer = pick([.absent, .object, .unreadable])
        if facts.behaviorContainer == .object {
            facts.hasScaleUp = oneIn(2)
            if oneIn(2) {
                facts.scaleDown = pick([Sample.serverScaleDown, ScaleDownFacts()])
                facts.scaleDown?.selectPolicy = pick(["Max", "Disabled", text()])
            }
        }
        if oneIn(2) {
            facts.written = HPAWrittenFields(minReplicas: oneIn(2), metrics: oneIn(2), scaleDown: oneIn(2))
        }
        return facts
    }

    private mutating func metricFacts() -> MetricFacts {
        if oneIn(4) { return serverMetric }
        var metric = MetricFacts(
            type: pick(["Object", "Pods", "External", text()]), name: pick(["capacity_used_rate", text()]))
        metric.targetType = pick(["Value", "AverageValue", text()])
        metric.hasValue = oneIn(2)
        metric.hasAverageValue = oneIn(2)
        return metric
    }
}
