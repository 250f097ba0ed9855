import Rules
import Testing

@Suite struct `The cover of what the leaving workers hold` {
    static func file(_ path: String) -> HeldFile { HeldFile(path: AlluxioPath(path), bytes: 1) }

    static func paths(
        _ leaving: [String], survivors: [String]? = [], refused: [String] = []
    ) -> [String] {
        let files = leaving.map { file($0) }
        return DrainCover.calls(
            leaving: files, survivors: survivors?.map { AlluxioPath($0) }, refused: Set(refused.map { AlluxioPath($0) })
        ).map { ($0.path?.text ?? "") + ($0.isFolder ? "/" : "") }
    }

    @Test func `folders where no survivor holds anything, else single files`() {
        let table: [(name: String, seen: [String], expected: [String])] = [
            ("nothing", Self.paths([]), []),
            ("one file stays one file", Self.paths(["/a/b/f"]), ["/a/b/f"]),
            ("two files are their folder", Self.paths(["/a/f", "/a/g"]), ["/a/"]),
            ("no wider than they lie", Self.paths(["/a/b/f", "/a/b/g"]), ["/a/b/"]),
            ("everything is the root", Self.paths(["/a/f", "/b/g"]), ["//"]),
            ("a survivor closes its folder", Self.paths(["/a/f", "/a/g"], survivors: ["/a/h"]), ["/a/f", "/a/g"]),
            (
                "and not its sister", Self.paths(["/a/f", "/a/g", "/b/f", "/b/g"], survivors: ["/a/h"]),
                ["/a/f", "/a/g", "/b/"]
            ),
            (
                "a survivor below closes above", Self.paths(["/a/f", "/a/g"], survivors: ["/a/b/c/h"]),
                ["/a/f", "/a/g"]
            ),
            ("a file on both is taken alone", Self.paths(["/a/f", "/a/g"], survivors: ["/a/f"]), ["/a/f", "/a/g"]),
            ("without lists there are no folders", Self.paths(["/a/f", "/a/g"], survivors: nil), ["/a/f", "/a/g"]),
            ("twice held, once freed", Self.paths(["/a/f", "/a/f"]), ["/a/f"]),
            (
                "refused folders are taken file by file", Self.paths(["/a/f", "/a/g"], refused: ["/a"]),
                ["/a/f", "/a/g"]
            ),
            ("and what is below them is not", Self.paths(["/a/b/f", "/a/b/g"], refused: ["/a"]), ["/a/b/"]),
            ("bad names are left out", Self.paths(["/a/f*", "/a/g\n", "/a/h?x"]), []),
            ("and never widen", Self.paths(["/a/f", "/a/g*"]), ["/a/f"]),
            ("a prefix is no folder", Self.paths(["/ab/f", "/ab/g"], survivors: ["/a/h"]), ["/ab/"]),
        ]
        for row in table {
            #expect(row.seen == row.expected, "\(row.name)")
        }
    }

    @Test func `properties over random trees`() {
        for seed in 1...3000 as ClosedRange<UInt64> {
            var random = SimRandom(seed: seed)
            let names = ["a", "b", "c", "d e", "x*", "é", "e\u{301}", "q?"]
            func path() -> String {
                "/"
                    + (0...random.below(3)).map { _ in names[random.below(random.chance(90) ? 4 : 8)] }.joined(
                        separator: "/")
                    + "/f\(random.below(4))"
            }
            let leaving = (0..<random.below(14)).map { _ in path() }
            let survivors = (0..<random.below(8)).map { _ in path() }
            let files = leaving.map { Self.file($0) }
            let known = survivors.map { AlluxioPath($0) }
            let cover = DrainCover.calls(leaving: files, survivors: known, refused: [])
            let calls = cover.compactMap { call in call.path.map { (path: $0, isFolder: call.isFolder) } }
            for file in files where file.path.isPassable {
                #expect(
                    calls.contains { $0.isFolder ? file.path.isInside($0.path) : $0.path == file.path }, "seed \(seed)")
            }
            for path in known where !files.contains(where: { $0.path == path }) {
                #expect(
                    !calls.contains { $0.isFolder ? path.isInside($0.path) : $0.path == path }, "seed \(seed) \(path)")
            }
            #expect(Set(calls.map(\.path)).count == calls.count, "seed \(seed)")
            #expect(calls.allSatisfy { $0.path.isPassable }, "seed \(seed)")
            for call in calls where call.isFolder {
                #expect(!calls.contains { $0.path != call.path && $0.path.isInside(call.path) }, "seed \(seed)")
            }
            let single = DrainCover.calls(leaving: files, survivors: nil, refused: [])
            #expect(calls.count <= single.count, "seed \(seed)")
            #expect(DrainCover.calls(leaving: files.reversed(), survivors: known.reversed(), refused: []) == cover)
        }
    }
}
