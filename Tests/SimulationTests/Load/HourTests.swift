import Testing

/// The loop, closed, in the simulated world: the drain and the figures that ship, and an HPA's arithmetic.
@Suite struct `In a simulated hour` {
    /// Rises for 20 minutes to five workers' worth, holds for 15, and falls to one worker's.
    private static func load(_ second: Int64) -> Int {
        switch second {
        case ..<1_200: 5 + Int(second * 65 / 1_200)
        case ..<2_100: 70
        default: max(9, 70 - Int((second - 2_100) * 61 / 900))
        }
    }

    @Test(arguments: [(90.0, 1), (70.0, 2), (90.0, 3), (70.0, 4), (50.0, 5), (80.0, 6)] as [(Double, UInt64)])
    func `workers come while the load rises, stay while it holds, and go drained while it falls`(
        target: Double, seed: UInt64
    ) {
        let hour = SimHour(seed: seed, target: target, window: 60, load: Self.load)
        let violations = hour.play()
        #expect(violations.isEmpty, "\(violations)")
        #expect(hour.turns == 1, "\(hour.counts)")
        #expect(!hour.counts.contains { (1_440..<2_100).contains($0.second) }, "\(hour.counts)")
        #expect(hour.counts.map(\.count).max() ?? 0 >= 5 && hour.counts.last?.count ?? 9 <= 2, "\(hour.counts)")
    }
}
