/// The protocol as a table: every state, every event, one answer.
///
/// The compiler sees that it is complete; a test writes all cells out.
public enum DrainTable {
    /// What is done about an event in a state.
    public static func transition(_ state: DrainState, _ event: DrainEvent) -> DrainTransition {
        switch state {
        case .idle: idle(event)
        case .checking: checking(event)
        case .freeing: freeing(event)
        case .settling: settling(event)
        case .decommissioning: decommissioning(event)
        case .removing: removing(event)
        case .confirming: confirming(event)
        case .coolingDown: coolingDown(event)
        }
    }

    private static func idle(_ event: DrainEvent) -> DrainTransition {
        switch event {
        case .fallen: .begin
        case .obstructed: .block
        case .risen: .raise
        case .pending: .wait
        case .gone, .even, .retargeted, .exempt, .ready, .work, .exhausted, .refilled, .drained, .lowered, .departed,
            .rested:
            .rest
        }
    }

    private static func checking(_ event: DrainEvent) -> DrainTransition {
        switch event {
        case .gone: .forget
        case .obstructed: .block
        case .risen, .even: .cancel
        case .retargeted: .retarget
        case .exempt: .move(.removing)
        case .ready: .move(.freeing)
        case .fallen, .work, .exhausted, .pending, .refilled, .drained, .lowered, .departed, .rested: .wait
        }
    }

    private static func freeing(_ event: DrainEvent) -> DrainTransition {
        switch event {
        case .gone: .forget
        case .obstructed: .block
        case .risen, .even: .cancel
        case .retargeted: .retarget
        case .exempt: .move(.removing)
        case .work: .perform
        case .exhausted: .move(.settling)
        case .fallen, .ready, .pending, .refilled, .drained, .lowered, .departed, .rested: .wait
        }
    }

    private static func settling(_ event: DrainEvent) -> DrainTransition {
        switch event {
        case .gone: .forget
        case .obstructed: .block
        case .risen, .even: .cancel
        case .retargeted: .retarget
        case .exempt: .move(.removing)
        case .refilled: .move(.freeing)
        case .drained: .move(.decommissioning)
        case .fallen, .ready, .work, .exhausted, .pending, .lowered, .departed, .rested: .wait
        }
    }

    private static func decommissioning(_ event: DrainEvent) -> DrainTransition {
        switch event {
        case .gone: .forget
        case .obstructed: .block
        case .risen, .even: .cancel
        case .retargeted: .retarget
        case .exempt, .drained: .move(.removing)
        case .refilled: .move(.settling)
        case .work: .perform
        case .fallen, .ready, .exhausted, .pending, .lowered, .departed, .rested: .wait
        }
    }

    private static func removing(_ event: DrainEvent) -> DrainTransition {
        switch event {
        case .gone: .forget
        case .obstructed: .block
        case .risen, .even: .cancel
        case .retargeted: .retarget
        case .refilled: .move(.settling)
        case .work: .move(.decommissioning)
        case .drained: .perform
        case .lowered: .move(.confirming)
        case .fallen, .exempt, .ready, .exhausted, .pending, .departed, .rested: .wait
        }
    }

    private static func confirming(_ event: DrainEvent) -> DrainTransition {
        switch event {
        case .gone: .forget
        case .obstructed: .block
        case .risen: .raise
        case .departed: .move(.coolingDown)
        case .even, .fallen, .retargeted, .exempt, .ready, .work, .exhausted, .pending, .refilled, .drained, .lowered,
            .rested:
            .wait
        }
    }

    private static func coolingDown(_ event: DrainEvent) -> DrainTransition {
        switch event {
        case .gone, .rested: .forget
        case .obstructed: .block
        case .risen: .raise
        case .work: .perform
        case .fallen: .begin
        case .even, .retargeted, .exempt, .ready, .exhausted, .pending, .refilled, .drained, .lowered, .departed: .wait
        }
    }
}
