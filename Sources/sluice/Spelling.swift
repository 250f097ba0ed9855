/// Finds what somebody may have meant.
enum Spelling {
    /// The nearest of some words, if it is near enough to be worth a question.
    static func nearest(to word: String, in words: [String]) -> String? {
        let limit = max(1, word.count / 3)
        // So many letters have to be put in or taken out at least.
        let near = words.filter { abs($0.count - word.count) <= limit }
        let best = near.map { (word: $0, distance: distance(word, $0)) }.min { $0.distance < $1.distance }
        guard let best, best.distance <= limit else { return nil }
        return best.word
    }

    /// How many letters have to be put in, taken out, changed, or swapped with their neighbour.
    static func distance(_ left: String, _ right: String) -> Int {
        let left = Array(left.unicodeScalars)
        let right = Array(right.unicodeScalars)
        guard !left.isEmpty, !right.isEmpty else { return max(left.count, right.count) }
        var beforeLast = [Int](repeating: 0, count: right.count + 1)
        var last = Array(0...right.count)
        for row in 1...left.count {
            var current = [row]
            for column in 1...right.count {
                let isSame = left[row - 1] == right[column - 1]
                var cost = min(last[column] + 1, current[column - 1] + 1, last[column - 1] + (isSame ? 0 : 1))
                if row > 1, column > 1, left[row - 1] == right[column - 2], left[row - 2] == right[column - 1] {
                    cost = min(cost, beforeLast[column - 2] + 1)
                }
                current.append(cost)
            }
            beforeLast = last
            last = current
        }
        return last[right.count]
    }
}
