import Testing

@testable import Rules

@Suite struct `A drain policy` {
    @Test func `has the documented defaults where no annotation says otherwise`() throws {
        let policy = try #require(read([:]))
        #expect(policy == DrainPolicy())
        #expect(policy.mode == .free && policy.scope == .worker && policy.pinned == .keep)
        #expect(policy.paths == ["/"] && policy.deadlineMilliseconds == 600_000 && policy.onDeadline == .hold)
        #expect(policy.cooldownMilliseconds == 60_000 && policy.pausedReason == nil)
    }

    @Test func `is read from all of its annotations`() throws {
        let policy = try #require(read(Sample.readableDrainPolicy))
        #expect(policy.mode == .decommission && policy.scope == .path)
        #expect(policy.paths == ["/data", "/logs/old files"] && policy.pinned == .evict)
        #expect(policy.deadlineMilliseconds == 5_400_000 && policy.onDeadline == .remove)
        #expect(policy.cooldownMilliseconds == 0 && policy.pausedReason == "disks are being changed")
    }

    @Test func `takes what the annotations don't say from the process's defaults`() {
        var defaults = DrainPolicy()
        defaults.mode = .auto
        defaults.cooldownMilliseconds = 5
        var expected = defaults
        expected.scope = .path
        #expect(DrainPolicy.read([Annotation.drainScope: "Path"], defaults: defaults) == .policy(expected))
    }

    @Test func `names every annotation that can't be read, and is then no policy at all`() {
        guard case .unreadable(let problems) = DrainPolicy.read(Sample.unreadableDrainPolicy) else {
            Issue.record("was read")
            return
        }
        #expect(problems.map(\.annotation) == Sample.unreadableDrainPolicy.keys.sorted())
        #expect(problems.allSatisfy { $0.seen == Sample.unreadableDrainPolicy[$0.annotation] })
    }

    @Test func `reads each value of each choice, and no other spelling`() {
        for mode in DrainPolicy.Mode.allCases { #expect(read([Annotation.drain: mode.rawValue])?.mode == mode) }
        for scope in DrainPolicy.Scope.allCases {
            #expect(read([Annotation.drainScope: scope.rawValue])?.scope == scope)
        }
        for value in DrainPolicy.Client.allCases {
            #expect(read([Annotation.drainClient: value.rawValue])?.client == value)
        }
        for value in DrainPolicy.Pinned.allCases {
            #expect(read([Annotation.drainPinned: value.rawValue])?.pinned == value)
        }
        for value in DrainPolicy.OnDeadline.allCases {
            #expect(read([Annotation.onDeadline: value.rawValue])?.onDeadline == value)
        }
        for text in ["", "free", "FREE", "Free ", "true"] { #expect(read([Annotation.drain: text]) == nil) }
    }

    @Test(arguments: [
        ("/", ["/"]), ("/a", ["/a"]), ("/a/", ["/a"]), ("//a//b/", ["/a/b"]), ("/a,/b c", ["/a", "/b c"]),
        ("/a,/a/", ["/a"]), ("/...", ["/..."]),
    ])
    func `frees absolute paths`(_ text: String, _ paths: [String]) {
        #expect(read([Annotation.drainPaths: text])?.paths == paths)
    }

    @Test func `reads nothing that is too long to mean anything`() {
        for name in Annotation.ofDrains {
            #expect(read([name: "true: " + String(repeating: "\u{0301}", count: 4_000_000)]) == nil)
        }
    }

    @Test(arguments: [
        "", "a", "/a,", ",/a", "/a,b", "/a*", "/a/../b", "/..", "/./a", "/a\n", "/a\u{7f}", "/a\u{9b}b", " /a",
        "/a?b", "/a\\b", "/a\u{fffd}", "/a\u{2028}b",
        "/" + String(repeating: "x", count: 1024), Array(repeating: "/a", count: 65).joined(separator: ","),
    ])
    func `frees no other paths`(_ text: String) {
        #expect(read([Annotation.drainPaths: text]) == nil)
    }

    @Test(
        arguments: [
            ("true", ""), ("true: new disks", "new disks"), ("true new disks", "new disks"), ("true,x", "x"),
            ("true; x", "x"),
            ("false", nil),
        ] as [(String, String?)])
    func `is paused by true, with any reason`(_ text: String, _ reason: String?) throws {
        let policy = try #require(read([Annotation.paused: text]))
        #expect(policy.pausedReason == reason)
    }

    @Test(arguments: ["", "yes", "True", "truely", "true-ish", "1", "false: no"])
    func `is not paused by a guess`(_ text: String) {
        #expect(read([Annotation.paused: text]) == nil)
    }

    @Test func `bounds its durations`() {
        #expect(read([Annotation.drainDeadline: "1s"])?.deadlineMilliseconds == 1_000)
        #expect(read([Annotation.drainDeadline: "168h"])?.deadlineMilliseconds == DrainPolicy.maximumMilliseconds)
        for text in ["0s", "999ms", "168h1ms", "2147483647h"] { #expect(read([Annotation.drainDeadline: text]) == nil) }
        #expect(read([Annotation.cooldown: "0s"])?.cooldownMilliseconds == 0)
        #expect(read([Annotation.cooldown: "169h"]) == nil)
    }

    private func read(_ annotations: [String: String]) -> DrainPolicy? {
        if case .policy(let policy) = DrainPolicy.read(annotations) { policy } else { nil }
    }
}

@Suite struct `A duration` {
    @Test(
        arguments: [
            ("10m", 600_000), ("60s", 60_000), ("1h30m", 5_400_000), ("500ms", 500), ("1h1m1s1ms", 3_661_001),
            ("0s", 0),
            ("0h", 0), ("007s", 7_000), ("2147483647h", 7_730_941_129_200_000),
        ] as [(String, Int64)])
    func `is read`(_ text: String, _ milliseconds: Int64) {
        #expect(DurationText.milliseconds(text) == milliseconds)
    }

    @Test(arguments: [
        "", "10", "m", "10 m", "1.5h", "-1s", "+1s", "1m1h", "1s1s", "1d", "1M", "1h ", " 1h", "2147483648s", "1hm",
        "1msx",
        "1h30", "١s",
    ])
    func `is not guessed`(_ text: String) {
        #expect(DurationText.milliseconds(text) == nil)
    }

    @Test func `is written as it is read`() {
        for (milliseconds, text) in [
            (0, "0s"), (1, "1ms"), (60_000, "1m"), (5_400_000, "1h30m"), (3_661_001, "1h1m1s1ms"), (-5, "0s"),
        ] as [(Int64, String)] {
            #expect(DurationText.written(milliseconds: milliseconds) == text)
        }
        var random = Seeded(seed: 1)
        for _ in 0..<1_000 {
            let milliseconds = Int64(random.below(Int(DrainPolicy.maximumMilliseconds)))
            let text = DurationText.written(milliseconds: milliseconds)
            #expect(DurationText.milliseconds(text) == milliseconds, "\(text)")
        }
    }
}
