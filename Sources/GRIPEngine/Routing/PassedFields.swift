package import HTTPTypes

/// Header fields of a message for an origin: a ``HeaderPolicy`` has looked at each one that somebody else has written.
///
/// Whatever writes requests takes these and nothing else, so that no field gets past the policy.
package struct PassedFields: Sendable, Hashable {
    package private(set) var fields: HTTPFields

    /// No fields.
    package init() { self.fields = [:] }

    fileprivate init(passed fields: HTTPFields) { self.fields = fields }

    /// Adds a field that the proxy itself has to say.
    package mutating func append(own field: HTTPField) { self.fields.append(field) }

    /// The values of a field in one text; setting them is for what the proxy itself has to say.
    package subscript(own name: HTTPField.Name) -> String? {
        get { self.fields[name] }
        set { self.fields[name] = newValue }
    }

    package subscript(name: HTTPField.Name) -> String? { self.fields[name] }

    package subscript(values name: HTTPField.Name) -> [String] { self.fields[values: name] }

    package mutating func remove(_ name: HTTPField.Name) { self.fields[name] = nil }

    /// The same fields, with room for a few more.
    package func copied() -> PassedFields {
        // Each message of a WebSocket comes here: an array that grows would be allocated several times.
        self.removing { _ in false }
    }

    /// The fields without those whose names are so, with room for a few more.
    package func removing(where isRemoved: (HTTPField.Name) -> Bool) -> PassedFields {
        var result = HTTPFields()
        result.reserveCapacity(self.fields.count + 8)
        for field in self.fields where !isRemoved(field.name) { result.append(field) }
        return PassedFields(passed: result)
    }
}

extension PassedFields: Sequence {
    package func makeIterator() -> HTTPFields.Iterator { self.fields.makeIterator() }

    package var underestimatedCount: Int { self.fields.count }
}

/// Trailer fields that may go on, to an origin or to a client: a ``HeaderPolicy`` has let them pass.
///
/// There is at least one.
package struct PassedTrailers: Sendable, Hashable {
    package let fields: HTTPFields

    fileprivate init(passed fields: HTTPFields) { self.fields = fields }
}

// The makers stand in this file, so that there can be no others.
extension HeaderPolicy {
    /// Lets fields pass.
    ///
    /// Many fields are left out one by one much more slowly than all of them at once.
    func pass(_ fields: HTTPFields, reserving room: Int, where keeps: (HTTPField) -> Bool) -> PassedFields {
        var result = HTTPFields()
        result.reserveCapacity(fields.count + room)
        for field in fields where keeps(field) { result.append(field) }
        return PassedFields(passed: result)
    }

    /// Lets trailers pass.
    ///
    /// - Returns: `nil` when none is left.
    static func passTrailers(_ trailers: HTTPFields?, where keeps: (HTTPField.Name) -> Bool) -> PassedTrailers? {
        guard let trailers else { return nil }
        let fields = HTTPFields(trailers.filter { keeps($0.name) })
        return fields.isEmpty ? nil : PassedTrailers(passed: fields)
    }
}
