extension RuntimeRules {
    /// E109 to E111, W108, W109: the annotations under `sluice.dev/`, only those that the update changed.
    static func checkAnnotations(_ runtime: RuntimeFacts, old: RuntimeFacts?, _ findings: inout [Finding]) {
        let annotations = runtime.annotations
        if annotations.isEmpty { return }
        func isChanged(_ name: String) -> Bool {
            guard let old else { return true }
            // Byte by byte: Swift's own comparison takes a hundred times as long for what is not ASCII.
            return !(old.annotations[name]?.utf8 ?? "".utf8).elementsEqual(annotations[name]?.utf8 ?? "".utf8)
                || (old.annotations[name] == nil) != (annotations[name] == nil)
        }
        checkBoundsAnnotations(runtime, isChanged: isChanged, &findings)
        // Most runtimes have nothing but bounds.
        let problems =
            annotations.keys.contains(where: Annotation.ofDrains.contains) ? DrainPolicy.problems(annotations) : []
        for problem in problems where isChanged(problem.annotation) {
            findings.append(
                Finding(
                    .unreadableDrainPolicy, Annotation.field(problem.annotation),
                    "\(quoted(problem.seen)) can't be read, and no drain would start",
                    remedy: "Write \(problem.allowed)"))
        }
        for name in annotations.keys where !Annotation.ofRuntimes.contains(name) && isChanged(name) {
            findings.append(
                Finding(
                    .unknownAnnotation, Annotation.field(clipped(name, toBytes: 60)),
                    "no such annotation, no effect", remedy: "check the spelling"))
        }
        if let old, isChanged(Annotation.maxReplicas), Bounds(old).isMaximumFilledIn,
            Bounds(runtime).isMaximumFilledIn
        {
            findings.append(
                Finding(
                    .staleDefaultedMark, Annotation.field(Annotation.defaulted),
                    "the new maximum only warns while this is set", remedy: "remove it"))
        }
    }

    /// W112: an update that drops the bounds that were filled in, as `kubectl replace` of a manifest without them does.
    static func checkLostBounds(_ runtime: RuntimeFacts, old: RuntimeFacts, _ findings: inout [Finding]) {
        let bounds = Bounds(old)
        guard bounds.isMaximumFilledIn, runtime.annotations[Annotation.maxReplicas] == nil else { return }
        findings.append(
            Finding(
                .boundsLost, Annotation.field(Annotation.maxReplicas), "filled-in bounds (\(bounds.words)) are lost",
                remedy: "write them"))
    }

    private static func checkBoundsAnnotations(
        _ runtime: RuntimeFacts, isChanged: (String) -> Bool, _ findings: inout [Finding]
    ) {
        func check(_ name: String, from least: Int64, _ read: (String) -> Int64?) {
            guard let text = runtime.annotations[name], read(text) == nil, isChanged(name) else { return }
            findings.append(
                Finding(
                    .unreadableBound, Annotation.field(name),
                    "\(quoted(text)) can't be read, so that it would bound nothing",
                    remedy: "Write a whole number from \(least) to \(Int32.max), in quotes, or remove the annotation"))
        }
        check(Annotation.minReplicas, from: 0, Bounds.readMinimum)
        check(Annotation.maxReplicas, from: 1, Bounds.readMaximum)
        let bounds = Bounds(runtime)
        if let minimum = bounds.minimum, let maximum = bounds.maximum, minimum > maximum,
            isChanged(Annotation.minReplicas) || isChanged(Annotation.maxReplicas)
        {
            findings.append(
                Finding(
                    .minimumAboveMaximum, Annotation.field(Annotation.minReplicas),
                    "the minimum of \(minimum) is above the maximum of \(maximum) (\(Annotation.maxReplicas)): no number "
                        + "of workers fits",
                    remedy: "Lower the minimum or raise the maximum"))
        }
    }
}
