import Rules
import Testing

@Suite struct `How much of a cache is in use` {
    @Test(
        arguments: [
            (0, 100, 0), (1, 100, 1), (17, 100, 17), (171, 1000, 18), (365_072_220, 2_147_483_648, 17),
            (365_072_221, 2_147_483_648, 18), (100, 100, 100), (150, 100, 150), (1, .max, 1), (.max, .max, 100),
        ] as [(Int64, Int64, Int64)])
    func `is told in percent, rounded up`(used: Int64, total: Int64, percent: Int64) {
        #expect(CacheUse(totalBytes: total, usedBytes: used).percent == percent)
    }

    @Test func `is not told where nothing may be held, or the number is beyond any`() {
        #expect(CacheUse(totalBytes: 0, usedBytes: 5).percent == nil)
        #expect(CacheUse(totalBytes: 0, usedBytes: 5).ratio == nil)
        #expect(CacheUse(totalBytes: 1, usedBytes: .max).percent == nil)
        #expect(CacheUse(totalBytes: 51, usedBytes: .max).percent == nil)
        #expect(CacheUse(totalBytes: -1, usedBytes: -1) == CacheUse(totalBytes: 0, usedBytes: 0))
    }

    @Test func `adds up without a trap`() {
        let most = CacheUse(totalBytes: .max, usedBytes: .max)
        #expect(most + most == most)
        #expect(CacheUse(totalBytes: 100, usedBytes: 130).freeBytes == 0)
    }

    @Test func `is no miss where what was read was there`() {
        let before = ReadCounters(localBytes: 10, remoteBytes: 20, domainBytes: 30, underStorageBytes: 5)
        var after = before
        #expect(after.hitRatio(since: before) == nil)
        after.remoteBytes += 100
        #expect(after.hitRatio(since: before) == 1)
        after.underStorageBytes += 25
        #expect(after.hitRatio(since: before) == 0.75)
        // Loaded without a reader.
        after.underStorageBytes += 1_000
        #expect(after.hitRatio(since: before) == 0)
        // The counters began anew.
        #expect(before.hitRatio(since: after) == nil)
    }

    @Test(
        arguments: [
            ("84.29MiB", 88_384_471), ("0B", 0), ("0.00B", 0), ("1.5GiB", 1_610_612_736), ("1023.5KiB", 1_048_064),
            ("2TiB", 2_199_023_255_552), ("1GB", 1_000_000_000), ("12", 12),
        ] as [(String, Int64)])
    func `of a data set is read as Fluid writes it`(text: String, bytes: Int64) {
        #expect(DataSize.bytes(text) == bytes)
    }

    @Test(arguments: ["[Calculating]", "", "MiB", "-1MiB", "1.5.2MiB", "9999999EiB", "1e9B", "1 MiB", "1XiB"])
    func `of a data set is unknown where it is no size`(text: String) {
        #expect(DataSize.bytes(text) == nil)
    }
}
