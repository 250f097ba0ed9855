import Rules
import Testing

@Suite struct `The states of a drain` {
    /// Every cell of the table, written out: what a state may lead to.
    @Test func `lead where the table says, and nowhere else`() {
        let before: Set<DrainPhase.Kind> = [.checking, .coolingDown, .idle]
        let table: [DrainPhase.Kind: Set<DrainPhase.Kind>] = [
            .idle: [.checking, .coolingDown],
            .checking: before.union([.decommissioning, .freeing, .removing]),
            .decommissioning: before.union([.freeing, .removing]),
            .freeing: before.union([.settling, .removing]),
            .settling: before.union([.freeing, .decommissioning, .removing]),
            .removing: before.union([.freeing, .decommissioning, .confirming]),
            .confirming: [.coolingDown, .checking, .idle],
            .coolingDown: [.checking, .idle],
        ]
        var cells = 0
        for from in DrainPhase.Kind.allCases {
            for to in DrainPhase.Kind.allCases {
                cells += 1
                #expect(from.mayLead(to: to) == (table[from]?.contains(to) ?? false), "\(from) -> \(to)")
            }
        }
        #expect(cells == 64)
    }

    @Test func `nothing that was removed is removed again, and no removal comes without a look`() {
        for kind in DrainPhase.Kind.allCases where !kind.isBeforeRemoval {
            #expect(!kind.mayLead(to: .removing) && !kind.mayLead(to: .freeing), "\(kind)")
        }
        #expect(!DrainPhase.Kind.idle.mayLead(to: .freeing))
    }

    /// Each obstacle has a reason of its own, a text and a remedy; texts are sentences.
    @Test func `have obstacles that say what is and what to do`() {
        let all = DrainObstacle.examples
        #expect(Set(all.map(\.reason)).count == all.count)
        for obstacle in all {
            #expect(obstacle.remedy.hasSuffix("."), "\(obstacle)")
            #expect(!obstacle.text.contains("1 workers") && !obstacle.text.isEmpty, "\(obstacle)")
        }
    }
}
