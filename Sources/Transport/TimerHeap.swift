/// Timers by their moment: a binary heap over slots that are used again.
///
/// A cancelled timer leaves its heap entry behind until it comes up or until such entries outnumber the live ones, so
/// memory is bounded by twice the live timers.
struct TimerHeap {
    /// Names one timer; stays invalid for ever once that fired or was cancelled.
    struct Token: Hashable {
        let slot: UInt32
        let generation: UInt32
    }

    private struct Entry {
        let moment: MonotonicTime
        let token: Token
    }

    private struct Slot {
        var generation: UInt32 = 0
        var action: (() -> Void)?
    }

    private var entries: [Entry] = []
    private var slots: [Slot] = []
    private var free: [UInt32] = []
    private(set) var liveCount = 0

    /// How many entries the heap holds, cancelled ones included.
    var entryCount: Int { entries.count }

    /// When the next entry comes up; a cancelled one only causes a needless look.
    var nextMoment: MonotonicTime? { entries.first?.moment }

    /// Adds a timer.
    mutating func add(at moment: MonotonicTime, action: @escaping () -> Void) -> Token {
        let slot: UInt32
        if let old = free.popLast() {
            slot = old
        } else {
            guard let new = UInt32(exactly: slots.count) else { preconditionFailure("four thousand million timers") }
            slot = new
            slots.append(Slot())
        }
        slots[Int(slot)].action = action
        let token = Token(slot: slot, generation: slots[Int(slot)].generation)
        entries.append(Entry(moment: moment, token: token))
        liveCount += 1
        siftUp(entries.count - 1)
        return token
    }

    /// Forgets a timer; nothing happens if it fired or was cancelled before.
    mutating func cancel(_ token: Token) {
        guard release(token) != nil else { return }
        if entries.count > 64 && entries.count > 2 * liveCount { dropCancelled() }
    }

    /// Takes out the next timer that is due, or gives nil.
    mutating func takeDue(_ now: MonotonicTime) -> (() -> Void)? {
        while let first = entries.first, first.moment <= now {
            removeFirst()
            if let action = release(first.token) { return action }
        }
        return nil
    }

    private mutating func release(_ token: Token) -> (() -> Void)? {
        let index = Int(token.slot)
        guard slots[index].generation == token.generation else { return nil }
        slots[index].generation &+= 1
        free.append(token.slot)
        liveCount -= 1
        return slots[index].action.take()
    }

    private mutating func dropCancelled() {
        let live = entries.filter { slots[Int($0.token.slot)].generation == $0.token.generation }
        entries.removeAll(keepingCapacity: false)
        for entry in live {
            entries.append(entry)
            siftUp(entries.count - 1)
        }
    }

    private mutating func removeFirst() {
        let last = entries.removeLast()
        guard !entries.isEmpty else { return }
        entries[0] = last
        var index = 0
        while true {
            var smallest = index
            for child in [2 * index + 1, 2 * index + 2] where child < entries.count {
                if entries[child].moment < entries[smallest].moment { smallest = child }
            }
            if smallest == index { return }
            entries.swapAt(index, smallest)
            index = smallest
        }
    }

    private mutating func siftUp(_ start: Int) {
        var index = start
        while index > 0 {
            let parent = (index - 1) / 2
            guard entries[index].moment < entries[parent].moment else { return }
            entries.swapAt(index, parent)
            index = parent
        }
    }
}
