import GRIP
import GRIPEngine
import NIOCore

/// What an origin has published on channels whose items have an order, and what has not arrived of it yet.
struct OrderedItems {
    static let channels = ["a", "b"]

    /// The ids of the last items; there is an item for each number from 1.
    private(set) var last = ["a": 0, "b": 0]
    private var underWay: [(channel: String, number: Int)] = []

    /// What stands for an item.
    static func token(_ channel: String, _ number: Int) -> String { "\(channel)\(number);" }

    /// Publishes the next item.
    mutating func publish(on channel: String, isLost: Bool) -> Int {
        let number = self.last[channel, default: 0] + 1
        self.last[channel] = number
        if !isLost { self.underWay.append((channel, number)) }
        return number
    }

    /// Some item that has not arrived; most often that which has been under way the longest.
    mutating func arrival(using random: inout SplitMix64) -> (channel: String, number: Int)? {
        guard !self.underWay.isEmpty else { return nil }
        let isInOrder = Int.random(in: 0..<8, using: &random) > 0
        let index = isInOrder ? 0 : Int.random(in: 0..<self.underWay.count, using: &random)
        let item = self.underWay[index]
        // Now and then one comes twice.
        if Int.random(in: 0..<12, using: &random) > 0 { self.underWay.remove(at: index) }
        return item
    }

    /// Says what an item is for both kinds of holds.
    static func delivery(_ channel: String, _ number: Int) -> Delivery {
        let token = Self.token(channel, number)
        let item = GRIPItem(
            unchecked: [.httpStream(token), .httpResponse(token)],
            id: "\(number)",
            previousID: "\(number - 1)"
        )
        return Delivery(GRIPPublication(item, to: GRIPChannel(unchecked: channel)))
    }

    /// Tokens of the items from one that a client has to another.
    static func tokens(_ channel: String, after first: Int, through last: Int) -> String {
        var text = ""
        for number in first..<max(first, last) { text += Self.token(channel, number + 1) }
        return text
    }
}

/// What a client has of ordered and other channels.
struct ReceivedItems {
    private(set) var last: [String: Int] = [:]

    /// Takes what was written.
    ///
    /// - Returns: What is wrong with it, or nothing.
    mutating func receive(_ text: String) -> String? {
        for token in text.split(separator: ";") {
            let channel = String(token.prefix(1))
            guard channel != "k" else { continue }
            guard let number = Int(token.dropFirst()) else { return "'\(token)' was never published" }
            let last = self.last[channel, default: 0]
            let isNext = OrderedItems.channels.contains(channel) ? number == last + 1 : number > last
            guard isNext else { return "\(token) came after \(channel)\(last)" }
            self.last[channel] = number
        }
        return nil
    }

    subscript(channel: String) -> Int { self.last[channel, default: 0] }
}
