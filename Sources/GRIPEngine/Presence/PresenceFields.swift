import GRIP

/// What is wrong with a publication on a reserved channel.
package struct PresenceMessageError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong, in words that hold nothing of the message.
    package let description: String

    init(_ description: String) { self.description = description }
}

/// The members of a message, read with the types that they must have.
struct PresenceFields {
    /// The largest number of connections that is read, so that sums of them fit.
    static let maximumCount = 1_000_000_000
    /// The longest grace that is read, in milliseconds.
    private static let maximumGrace = 600_000

    let object: JSONObject

    init(object: JSONObject) { self.object = object }

    init(parsing text: String) throws(PresenceMessageError) {
        do throws(GRIPError) {
            guard let object = try JSONValue(parsing: text).object else {
                throw GRIPError(.json, "it is no object")
            }
            self.object = object
        } catch {
            throw PresenceMessageError("it is no JSON object: \(error.reason)")
        }
    }

    func optionalString(_ name: String) throws(PresenceMessageError) -> String? {
        guard let value = self.object[name] else { return nil }
        guard let string = value.string else { throw Self.malformed(name) }
        return string
    }

    func string(_ name: String) throws(PresenceMessageError) -> String {
        guard let string = try self.optionalString(name), !string.isEmpty else { throw Self.malformed(name) }
        return string
    }

    func optionalInteger(
        _ name: String,
        in range: ClosedRange<Int> = 0...Int.max
    ) throws(PresenceMessageError) -> Int? {
        guard let value = self.object[name] else { return nil }
        guard case .integer(let integer) = value, range.contains(integer) else { throw Self.malformed(name) }
        return integer
    }

    func integer(_ name: String) throws(PresenceMessageError) -> Int {
        guard let integer = try self.optionalInteger(name) else { throw Self.malformed(name) }
        return integer
    }

    func grace() throws(PresenceMessageError) -> Duration? {
        try self.optionalInteger("grace").map { .milliseconds(min($0, Self.maximumGrace)) }
    }

    func owner(_ name: String) throws(PresenceMessageError) -> UInt64 {
        guard let owner = Self.owner(try self.string(name)) else { throw Self.malformed(name) }
        return owner
    }

    func owners(_ name: String) throws(PresenceMessageError) -> [UInt64]? {
        guard let value = self.object[name] else { return nil }
        guard let texts = value.array else { throw Self.malformed(name) }
        let owners = texts.compactMap { $0.string.flatMap(Self.owner) }
        guard owners.count == texts.count else { throw Self.malformed(name) }
        return owners
    }

    func objects<Element>(
        _ name: String,
        _ read: (PresenceFields) throws(PresenceMessageError) -> Element
    ) throws(PresenceMessageError) -> [Element] {
        guard let values = self.object[name]?.array else { throw Self.malformed(name) }
        var elements: [Element] = []
        elements.reserveCapacity(values.count)
        for value in values {
            guard let object = value.object else { throw Self.malformed(name) }
            elements.append(try read(PresenceFields(object: object)))
        }
        return elements
    }

    private static func owner(_ text: String) -> UInt64? {
        guard text.utf8.count == 16, text.utf8.allSatisfy({ $0.hexDigitValue != nil }) else { return nil }
        return UInt64(text, radix: 16)
    }

    static func malformed(_ name: String) -> PresenceMessageError {
        PresenceMessageError("'\(name)' is missing or is not what it must be")
    }
}
