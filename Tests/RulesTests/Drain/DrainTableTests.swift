import Rules
import Testing

@Suite struct `The table of the drain protocol` {
    /// One letter for each event in the order of `DrainEvent.allCases`.
    ///
    /// `.` wait, `-` rest, `X` forget, `N` begin, `B` block, `W` perform, `C` cancel, `R` raise, `T` retarget; a move by its
    /// state: `k` checking, `f` freeing, `s` settling, `d` decommissioning, `r` removing, `c` confirming, `o` cooling down.
    static let cells: [DrainState: String] = [
        //               gone obstructed risen even fallen retargeted exempt ready work exhausted pending refilled drained lowered
        //               departed rested
        .idle: "-BR-N-----.-----",
        .checking: "XBCC.Trf........",
        .freeing: "XBCC.Tr.Ws......",
        .settling: "XBCC.Tr....fd...",
        .decommissioning: "XBCC.Tr.W..sr...",
        .removing: "XBCC.T..d..sWc..",
        .confirming: "XBR...........o.",
        .coolingDown: "XBR.N...W......X",
    ]

    @Test func `every cell is as written here`() {
        for state in DrainState.allCases {
            let row = DrainEvent.allCases.map { Self.letter(DrainTable.transition(state, $0)) }.joined()
            #expect(row == Self.cells[state], "\(state)")
        }
        #expect(Self.cells.count == DrainState.allCases.count)
    }

    @Test func `nothing is removed but from Removing, and Removing follows no state that has not looked`() {
        for state in DrainState.allCases {
            for event in DrainEvent.allCases where DrainTable.transition(state, event) == .move(.removing) {
                #expect(event == .exempt || state == .decommissioning && event == .drained, "\(state) \(event)")
            }
        }
    }

    @Test func `an obstacle blocks everywhere, and a rising count never goes on`() {
        for state in DrainState.allCases {
            #expect(DrainTable.transition(state, .obstructed) == .block)
            let onRise = DrainTable.transition(state, .risen)
            #expect(onRise == (state.isBeforeRemoval ? .cancel : .raise))
        }
    }

    private static func letter(_ transition: DrainTransition) -> String {
        switch transition {
        case .rest: "-"
        case .wait: "."
        case .forget: "X"
        case .begin: "N"
        case .block: "B"
        case .perform: "W"
        case .cancel: "C"
        case .raise: "R"
        case .retarget: "T"
        case .move(.checking): "k"
        case .move(.freeing): "f"
        case .move(.settling): "s"
        case .move(.decommissioning): "d"
        case .move(.removing): "r"
        case .move(.confirming): "c"
        case .move(.coolingDown): "o"
        case .move(.idle): "i"
        }
    }
}
