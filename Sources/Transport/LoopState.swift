/// What a loop's thread alone touches: its timers and its registered handlers.
final class LoopState {
    var now = MonotonicTime.current()
    var timers = TimerHeap()
    /// What follows when all descriptors that are ready had their turn.
    var roundEnd: [() -> Void] = []
    private var slots: [Slot] = []
    private var free: [UInt32] = []

    private struct Slot {
        var generation: UInt32 = 0
        var handler: ((Readiness) -> Void)?
    }

    /// Finds the handler of an event, or nil if its descriptor was deregistered meanwhile.
    func handler(_ key: UInt64) -> ((Readiness) -> Void)? {
        let index = Int(UInt32(truncatingIfNeeded: key))
        guard index < slots.count, slots[index].generation == UInt32(truncatingIfNeeded: key >> 32) else { return nil }
        return slots[index].handler
    }

    /// Takes a slot for a descriptor.
    func add(_ descriptor: Int32, _ handler: @escaping (Readiness) -> Void) -> Registration {
        let slot: UInt32
        if let old = free.popLast() {
            slot = old
        } else {
            // The last slot number is the wakeup's key.
            guard slots.count < Int(UInt32.max) - 1 else { preconditionFailure("four thousand million descriptors") }
            slot = UInt32(slots.count)
            slots.append(Slot())
        }
        slots[Int(slot)].handler = handler
        return Registration(descriptor: descriptor, slot: slot, generation: slots[Int(slot)].generation)
    }

    /// Gives the slot back; false if that was done before.
    @discardableResult
    func remove(_ registration: Registration) -> Bool {
        let index = Int(registration.slot)
        guard index < slots.count, slots[index].generation == registration.generation,
            slots[index].handler != nil
        else { return false }
        slots[index].handler = nil
        slots[index].generation &+= 1
        free.append(registration.slot)
        return true
    }

    /// Runs what waits for the end of the round, once each.
    func endRound() {
        while let action = roundEnd.popLast() { action() }
    }

    /// Lets go of everything at the loop's end, and so of what the handlers keep alive.
    func removeAll() {
        timers = TimerHeap()
        roundEnd = []
        for index in slots.indices {
            slots[index].handler = nil
            slots[index].generation &+= 1
        }
    }
}
