import Testing

@testable import Rules

/// The bounds that the documentation names, in numbers: one that is moved is moved on purpose.
@Suite struct `A drain's bounds` {
    @Test func `of what one drain may be`() {
        #expect(DrainTiming.leavingMaximum == 500)
        #expect(DrainTiming.placesMaximum == 1_000)
        #expect(DrainTiming.namedMaximum == 20_000)
        #expect(DrainTiming.blocksOfCall == 10_000)
        #expect(DrainTiming.parallelMaximum == 4)
        #expect(DrainTiming.unlistedMaximum == 6 && DrainTiming.failuresMaximum == 6)
        #expect(DrainTiming.serviceLooksMaximum == 10)
        #expect(BlockList.blocksMaximum == 2_000_000 && BlockList.filesMaximum == 2_000 && BlockList.namesMaximum == 8)
        #expect(ScaleInRequest.renewMilliseconds == 20_000)
    }

    @Test func `of what Alluxio is told and says`() {
        #expect(AlluxioCommand.hostLengthMaximum == 253 && AlluxioPath.lengthMaximumBytes == 4096)
        #expect(WorkerListReader.pageLimit == 200 && WorkerListReader.pathsMaximum == 20_000)
        #expect(WorkerListReader.entriesMaximum == 1_000_000)
        for (length, isTaken) in [(253, true), (254, false)] {
            let host = String(repeating: "h", count: length)
            #expect((AlluxioCommand.enable(host: host, webPort: 1) != nil) == isTaken)
        }
        for (host, port, isTaken) in [
            ("h", 1, true), ("h", 65535, true), ("h", 0, false), ("h", 65536, false), ("-h", 1, false),
        ] {
            #expect((AlluxioCommand.enable(host: host, webPort: port) != nil) == isTaken)
            #expect((AlluxioCommand.decommission(host: host, webPort: port, limitSeconds: 1) != nil) == isTaken)
        }
        #expect(WorkerCounters.configured(["1GB,2GB", "1GB"]) == 4 << 30)
        #expect(WorkerCounters.configured(["1GB", "many"]) == nil && WorkerCounters.configured(["1GB", nil]) == nil)
        for (length, isTaken) in [(4096, true), (4097, false)] {
            #expect(AlluxioPath("/" + String(repeating: "a", count: length - 1)).isPassable == isTaken)
        }
    }

    @Test func `of what an annotation may name`() {
        #expect(
            DrainPolicy.maximumPaths == 64 && DrainPolicy.maximumPathBytes == 1024 && DrainPolicy.maximumSkipped == 64)
        func isRead(_ text: String) -> Bool {
            if case .policy = DrainPolicy.read([Annotation.drainScope: "Path", Annotation.drainPaths: text]) {
                true
            } else {
                false
            }
        }
        for (count, isTaken) in [(64, true), (65, false)] {
            #expect(isRead((0..<count).map { "/p\($0)" }.joined(separator: ",")) == isTaken)
        }
        for (length, isTaken) in [(1024, true), (1025, false)] {
            #expect(isRead("/" + String(repeating: "a", count: length - 1)) == isTaken)
        }
        for path in ["/a/../b", "/a/./b", "/.", "/.."] { #expect(!isRead(path)) }
    }
}
