import Testing

@testable import Rules

/// Properties over generated objects; a failure names the seed, which makes the same object again.
@Suite struct `Defaulting` {
    static let seeds: Range<UInt64> = 0..<3_000

    @Test func `of a runtime always applies, is idempotent, and only adds`() {
        for seed in Defaulting.seeds {
            var random = Seeded(seed: seed)
            let before = random.runtimeTree()
            let cluster = random.cluster()
            func patches(_ tree: PatchValue) -> [Patch] {
                RuntimeRules.mutateCreate(runtimeFacts(tree), cluster: cluster, policy: policy).patches
            }
            var after = before
            for patch in patches(before) {
                #expect(patch.operation == .add, "seed \(seed)")
                guard let next = after.applying(patch) else {
                    Issue.record("seed \(seed): \(patch.pointer) does not apply")
                    return
                }
                after = next
            }
            #expect(after.keeps(before), "seed \(seed)")
            #expect(patches(after) == [], "seed \(seed)")
        }
    }

    @Test func `of a runtime leaves nothing that validation refuses for being absent or out of bounds`() {
        for seed in Defaulting.seeds {
            var random = Seeded(seed: seed)
            let cluster = random.cluster()
            var after = random.runtimeTree()
            let isWholeBefore = created(runtimeFacts(after), cluster).allowed
            for patch in RuntimeRules.mutateCreate(runtimeFacts(after), cluster: cluster, policy: policy).patches {
                after = after.applying(patch) ?? after
            }
            let facts = runtimeFacts(after)
            let bounds = Bounds(facts)
            if isWholeBefore, let replicas = facts.replicas.value, facts.annotationsContainer == .object {
                #expect(created(facts, cluster).allowed, "seed \(seed)")
                let isInside = replicas == 0 || (bounds.minimum ?? 0)...(bounds.maximum ?? .max) ~= replicas
                #expect(isInside || bounds.isMaximumFilledIn, "seed \(seed)")
            }
        }
    }

    @Test func `of an HPA always applies, is idempotent, and keeps what a user wrote`() {
        for seed in Defaulting.seeds {
            var random = Seeded(seed: seed)
            let written = random.hpaTree()
            let before = serverDefaulted(written)
            // Without last-applied-configuration nobody can know who wrote the API server's own scale-down, to the letter.
            let isKnown = random.oneIn(2) || written[path: scaleDown] == before[path: scaleDown]
            let cluster = random.cluster()
            func patches(_ tree: PatchValue) -> [Patch] {
                defaulted(hpaFacts(tree, written: isKnown ? written : nil), cluster).patches
            }
            var after = before
            for patch in patches(before) {
                guard let next = after.applying(patch) else {
                    Issue.record("seed \(seed): \(patch.pointer) does not apply")
                    return
                }
                after = next
            }
            let isOwn = isKnown || written[path: scaleDown] == nil
            if isOwn { #expect(after.keeps(withoutZeroMaximum(written)), "seed \(seed)") }
            #expect(patches(after) == [], "seed \(seed)")
            #expect(patches(serverDefaulted(after)) == [], "seed \(seed): after the API server's second defaulting")
        }
    }

    @Test func `never gives an HPA bounds that the API server or the gate refuses`() {
        for seed in Defaulting.seeds {
            var random = Seeded(seed: seed)
            let written = random.hpaTree()
            let minimum = Int64(random.below(5))
            let cluster = cluster(minimum, minimum + Int64(random.below(5)) + 1)
            var after = serverDefaulted(written)
            let patches = defaulted(hpaFacts(after, written: written), cluster).patches
            for patch in patches { after = after.applying(patch) ?? after }
            let facts = hpaFacts(after, written: written)
            let isTouched = patches.contains { $0.code == .defaultMinReplicas || $0.code == .defaultMaxReplicas }
            guard isTouched, let least = facts.minReplicas.value, let most = facts.maxReplicas.value else { continue }
            let isWritten = written[path: ["spec", "minReplicas"]] != nil
            #expect(isWritten || least <= most, "seed \(seed)")
            let codes = Set(created(facts, cluster).codes)
            if patches.contains(where: { $0.code == .defaultMinReplicas }) {
                #expect(!codes.contains(.minReplicasOutside), "seed \(seed)")
            }
            if patches.contains(where: { $0.code == .defaultMaxReplicas }) {
                #expect(!codes.contains(.maxReplicasOutside), "seed \(seed)")
            }
        }
    }

    private let scaleDown = ["spec", "behavior", "scaleDown"]

    /// A maximum of 0 counts as none (D201): the API server would refuse it.
    private func withoutZeroMaximum(_ tree: PatchValue) -> PatchValue {
        guard case .object(let members)? = tree["spec"] else { return tree }
        return .object([.init("spec", .object(members.filter { $0 != .init("maxReplicas", .integer(0)) }))])
    }

    /// What the API server fills in before any webhook sees an HPA (autoscaling/v2 defaults).
    private func serverDefaulted(_ tree: PatchValue) -> PatchValue {
        var tree = tree
        func add(_ path: [String], _ value: PatchValue) {
            let patch = Patch(.add, path, value, code: .held, reason: "")
            tree = tree.applying(patch) ?? tree
        }
        add(["spec", "minReplicas"], .integer(1))
        if tree[path: ["spec", "metrics"]]?.elements.isEmpty ?? true {
            let patch = Patch(
                tree[path: ["spec", "metrics"]] == nil ? .add : .replace, ["spec", "metrics"],
                .array([
                    .object([
                        .init("type", .string("Resource")),
                        .init(
                            "resource",
                            .object([
                                .init("name", .string("cpu")),
                                .init(
                                    "target",
                                    .object([
                                        .init("type", .string("Utilization")),
                                        .init("averageUtilization", .integer(80)),
                                    ])),
                            ])),
                    ])
                ]), code: .held, reason: "")
            tree = tree.applying(patch) ?? tree
        }
        if tree[path: ["spec", "behavior"]] != nil {
            let everything = PatchValue.array([
                .object([
                    .init("type", .string("Percent")), .init("value", .integer(100)),
                    .init("periodSeconds", .integer(15)),
                ])
            ])
            for direction in ["scaleUp", "scaleDown"] {
                add(["spec", "behavior", direction], .object([]))
                add(["spec", "behavior", direction, "policies"], everything)
                add(["spec", "behavior", direction, "selectPolicy"], .string("Max"))
            }
        }
        return tree
    }
}

extension Seeded {
    /// A cluster in one of many states.
    mutating func cluster() -> ClusterFacts {
        let bounds = Bounds(
            minimum: oneIn(3) ? nil : Int64(below(6)), maximum: oneIn(3) ? nil : Int64(below(6) + 1),
            isMaximumFilledIn: oneIn(3))
        let target = TargetRuntime(bounds: bounds, monitoring: pick([.on, .off, .unknown]))
        return ClusterFacts(
            isKnown: !oneIn(4),
            schema: RuntimeSchema(
                metricsSwitch: pick([.unknown, .monitoring, .disablePrometheus, .neither]),
                hasLabelSelectorPath: pick([nil, true, false])),
            target: pick([.unknown, .absent, .present(target), .present(target)]))
    }

    /// A runtime as somebody might write it: fields absent, of the wrong type, beyond all bounds.
    mutating func runtimeTree() -> PatchValue {
        var annotations: [PatchValue.Member] = []
        for name in ["a.example/x", Annotation.minReplicas, Annotation.maxReplicas, Annotation.defaulted, "z"]
        where oneIn(3) {
            annotations.append(.init(name, .string(pick(["", "0", "1", "5", "12", "bounds", "many", "99999999999"]))))
        }
        var metadata: [PatchValue.Member] = [.init("name", .string("hbase"))]
        if !annotations.isEmpty || oneIn(3) { metadata.append(.init("annotations", .object(annotations))) }
        if oneIn(50) { metadata = [.init("annotations", .string("wrong"))] }
        var spec: [PatchValue.Member] = []
        if oneIn(2) { spec.append(.init("replicas", .integer(pick([-1, 0, 1, 2, 11, 2_147_483_647, .max, .min])))) }
        if oneIn(3) { spec.append(.init("monitoring", .bool(oneIn(2)))) }
        if oneIn(20) { spec.append(.init("disablePrometheus", .string("no"))) }
        if oneIn(3) { spec.append(.init("data", .object([]))) }
        var tree: [PatchValue.Member] = [.init("metadata", .object(metadata))]
        if !oneIn(10) { tree.append(.init("spec", oneIn(50) ? .array([]) : .object(spec))) }
        return .object(tree)
    }

    /// An HPA as somebody might write it, before the API server fills anything in.
    mutating func hpaTree() -> PatchValue {
        var spec: [PatchValue.Member] = []
        if oneIn(2) { spec.append(.init("minReplicas", .integer(pick([0, 1, 2, 7])))) }
        if oneIn(2) { spec.append(.init("maxReplicas", .integer(pick([0, 1, 3, 100])))) }
        if oneIn(2) {
            let metric = PatchValue.object([
                .init("type", .string("Object")),
                .init("object", .object([.init("metric", .object([.init("name", .string("queue"))]))])),
            ])
            spec.append(.init("metrics", .array([metric])))
        }
        if oneIn(2) {
            var behavior: [PatchValue.Member] = []
            if oneIn(2) {
                behavior.append(.init("scaleUp", .object([.init("stabilizationWindowSeconds", .integer(0))])))
            }
            if oneIn(2) {
                let window = PatchValue.Member("stabilizationWindowSeconds", .integer(300))
                behavior.append(.init("scaleDown", .object(oneIn(2) ? [window] : [])))
            }
            spec.append(.init("behavior", .object(behavior)))
        }
        return .object([.init("spec", .object(spec))])
    }
}
