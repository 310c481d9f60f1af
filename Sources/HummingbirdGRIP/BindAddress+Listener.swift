import GRIPProxy
import HummingbirdCore

extension BindAddress {
    /// The address in the words of the proxy, or `nil` when it cannot be told.
    ///
    /// Hummingbird keeps the parts to itself. A mirror shows them, and errors say less where that ever changes.
    var listener: GRIPListener? {
        var texts: [String] = []
        var numbers: [Int] = []
        Self.collect(self, &texts, &numbers)
        return switch (texts.count, numbers.count) {
        case (1, 1): .tcp(host: texts[0], port: numbers[0])
        case (1, 0): .unixDomainSocket(path: texts[0])
        default: nil
        }
    }

    private static func collect(_ value: Any, _ texts: inout [String], _ numbers: inout [Int]) {
        if let text = value as? String {
            texts.append(text)
        } else if let number = value as? Int {
            numbers.append(number)
        } else {
            for child in Mirror(reflecting: value).children { Self.collect(child.value, &texts, &numbers) }
        }
    }
}
