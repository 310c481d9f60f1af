/// How far words are apart, for suggestions.
package enum EditDistance {
    /// The word that is nearest, when it is near enough to be what was meant.
    package static func nearest(to word: String, among candidates: [String]) -> String? {
        // Nothing this long is a slip of the finger, and comparing takes the product of the lengths.
        guard word.utf8.count <= 64 else { return nil }
        var best: (candidate: String, distance: Int)?
        for candidate in candidates {
            let distance = Self.between(Array(word.utf8), Array(candidate.utf8))
            guard distance <= Swift.max(1, candidate.utf8.count / 3) else { continue }
            if best.map({ distance < $0.distance }) ?? true { best = (candidate, distance) }
        }
        return best?.candidate
    }

    /// How many bytes must be added, removed or replaced.
    static func between(_ lhs: [UInt8], _ rhs: [UInt8]) -> Int {
        var row = Array(0...rhs.count)
        for (i, left) in lhs.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, right) in rhs.enumerated() {
                let replaced = diagonal + (left == right ? 0 : 1)
                diagonal = row[j + 1]
                row[j + 1] = Swift.min(replaced, row[j] + 1, diagonal + 1)
            }
        }
        return row[rhs.count]
    }
}
