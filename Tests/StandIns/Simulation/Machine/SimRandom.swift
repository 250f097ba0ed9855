import Kubernetes

/// All chance of a world: the same seed draws the same world.
final class SimRandom {
    private var source: Jitter

    init(seed: UInt64) {
        source = Jitter(seed: seed)
    }

    func next() -> UInt64 { source.next() }

    /// A number from 0 to one less than this.
    func below(_ count: Int) -> Int { count <= 1 ? 0 : Int(source.next() % UInt64(count)) }

    /// A number out of a range of the world's microseconds, or of anything else.
    func between(_ least: Int64, _ most: Int64) -> Int64 {
        least + Int64(source.next() % UInt64(max(most - least, 0) + 1))
    }

    /// True so often out of a hundred.
    func chance(_ percent: Int) -> Bool { below(100) < percent }

    /// True so often out of a thousand.
    func permille(_ count: Int) -> Bool { below(1000) < count }

    /// One of these, each as likely as the others.
    func pick<Element>(_ elements: [Element]) -> Element { elements[below(elements.count)] }

    /// One of these, or nil if there is none.
    func any<Element>(_ elements: [Element]) -> Element? { elements.isEmpty ? nil : pick(elements) }

    /// One of these, as likely as its weight.
    func weighted<Element>(_ choices: [(Int, Element)]) -> Element {
        var place = below(choices.reduce(0) { $0 + $1.0 })
        for (weight, element) in choices {
            if place < weight { return element }
            place -= weight
        }
        return choices[0].1
    }

    /// The time to the next of events that come at random, so often on average.
    func pause(mean: Int64) -> Int64 {
        // A sum of two even draws keeps the mean and needs no logarithm.
        between(0, mean) + between(0, mean)
    }
}
