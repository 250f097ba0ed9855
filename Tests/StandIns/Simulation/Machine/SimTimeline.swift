/// What is due, in the order of its time; nothing happens in between, so that an idle hour costs nothing.
///
/// Times are microseconds since the world began.
struct SimTimeline {
    private struct Entry {
        var at: Int64
        var number: Int64
        var action: () -> Void

        func precedes(_ other: Entry) -> Bool { (at, number) < (other.at, other.number) }
    }

    private(set) var now: Int64 = 0
    private var heap: [Entry] = []
    private var number: Int64 = 0

    /// When the next thing is due.
    var next: Int64? { heap.first?.at }

    mutating func add(at time: Int64, _ action: @escaping () -> Void) {
        number += 1
        heap.append(Entry(at: max(time, now), number: number, action: action))
        var child = heap.count - 1
        while child > 0, heap[child].precedes(heap[(child - 1) / 2]) {
            heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    /// Moves to the time of the next thing and returns it.
    mutating func take() -> (() -> Void)? {
        guard let first = heap.first else { return nil }
        now = first.at
        let last = heap.removeLast()
        if !heap.isEmpty {
            heap[0] = last
            sink()
        }
        return first.action
    }

    /// Lets time pass up to this moment, at which nothing is due yet.
    mutating func idle(until time: Int64) {
        now = max(now, time)
    }

    private mutating func sink() {
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2]
            where child < heap.count && heap[child].precedes(heap[least]) {
                least = child
            }
            guard least != parent else { return }
            heap.swapAt(parent, least)
            parent = least
        }
    }
}
