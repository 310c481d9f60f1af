import HTTPTypes
import NIOCore

/// Typed access to the members of a JSON object, with the wording of errors that publishers of Pushpin know.
struct JSONObjectReader {
    let object: JSONObject
    /// What the object is, for the error: "publish item object", say.
    let subject: String
    let code: GRIPError.Code

    /// More header fields in one object are refused.
    static let maximumFields = 1000

    func wrongType(_ key: String) -> GRIPError {
        GRIPError(self.code, "\(self.subject) contains '\(key)' with wrong type")
    }

    func invalid(_ key: String) -> GRIPError {
        GRIPError(self.code, "\(self.subject) contains '\(key)' with invalid value")
    }

    func unknown(_ key: String) -> GRIPError {
        GRIPError(self.code, "\(self.subject) contains '\(key)' with unknown value")
    }

    func missing(_ keys: String) -> GRIPError {
        GRIPError(self.code, "\(self.subject) does not contain \(keys)")
    }

    func string(_ key: String) throws(GRIPError) -> String? {
        guard let value = self.object[key] else { return nil }
        guard let string = value.string else { throw self.wrongType(key) }
        return string
    }

    /// A text that may come to stand in a header or in a line of its own.
    func line(_ key: String) throws(GRIPError) -> String? {
        guard let string = try self.string(key) else { return nil }
        guard !string.containsLineEnds else {
            throw GRIPError(self.code, "\(self.subject) contains '\(key)' with line ends")
        }
        return string
    }

    func bool(_ key: String) throws(GRIPError) -> Bool? {
        guard let value = self.object[key] else { return nil }
        guard let bool = value.bool else { throw self.wrongType(key) }
        return bool
    }

    func integer(_ key: String, in range: ClosedRange<Int>) throws(GRIPError) -> Int? {
        guard let value = self.object[key] else { return nil }
        guard let integer = value.convertedToInteger else { throw self.wrongType(key) }
        guard range.contains(integer) else { throw self.invalid(key) }
        return integer
    }

    func object(_ key: String) throws(GRIPError) -> JSONObject? {
        guard let value = self.object[key] else { return nil }
        guard let object = value.object else { throw self.wrongType(key) }
        return object
    }

    func array(_ key: String) throws(GRIPError) -> [JSONValue]? {
        guard let value = self.object[key] else { return nil }
        guard let array = value.array else { throw self.wrongType(key) }
        return array
    }

    func strings(_ key: String) throws(GRIPError) -> [String]? {
        guard let array = try self.array(key) else { return nil }
        var strings: [String] = []
        for element in array {
            guard let string = element.string else {
                throw GRIPError(self.code, "\(key) contains element with wrong type")
            }
            strings.append(string)
        }
        return strings
    }

    func dictionary(_ key: String) throws(GRIPError) -> [String: String]? {
        guard let object = try self.object(key) else { return nil }
        var dictionary: [String: String] = [:]
        for member in object.members {
            guard let string = member.value.string else {
                throw GRIPError(self.code, "'\(key)' contains '\(member.key)' with wrong type")
            }
            dictionary[member.key] = string
        }
        return dictionary
    }

    /// Text under one key or Base64 under another; the latter wins.
    func content(text: String, binary: String) throws(GRIPError) -> GRIPContent? {
        if let encoded = try self.string(binary) {
            return .binary(ByteBuffer(bytes: Base64.decodeLeniently(encoded.utf8)))
        }
        return try self.string(text).map(GRIPContent.text)
    }

    /// A `code` and a `reason`; a reason without a code goes with the code given.
    func status(withoutCode: Int?) throws(GRIPError) -> HTTPResponse.Status? {
        let reason = try self.line("reason")
        guard let code = try self.integer("code", in: 0...999) ?? (reason == nil ? nil : withoutCode) else {
            return nil
        }
        return reason.map { HTTPResponse.Status(code: code, reasonPhrase: $0) } ?? HTTPResponse.Status(code: code)
    }

    /// Header fields as an object of texts or as a list of pairs.
    func fields(_ key: String) throws(GRIPError) -> HTTPFields {
        guard let value = self.object[key] else { return [:] }
        var fields = HTTPFields()
        switch value {
        case .object(let object):
            for member in object.members {
                guard let value = member.value.string else {
                    throw GRIPError(self.code, "\(key) contains '\(member.key)' with wrong type")
                }
                try self.append(member.key, value, to: &fields, key)
            }
        case .array(let pairs):
            for pair in pairs {
                let (name, value) = try self.pair(pair, key)
                try self.append(name, value, to: &fields, key)
            }
        default:
            throw self.wrongType(key)
        }
        return fields
    }

    private func pair(_ value: JSONValue, _ key: String) throws(GRIPError) -> (name: String, value: String) {
        guard let pair = value.array else { throw GRIPError(self.code, "\(key) contains element with wrong type") }
        guard pair.count == 2 else {
            throw GRIPError(self.code, "\(key) contains list with wrong number of elements")
        }
        guard let name = pair[0].string else {
            throw GRIPError(self.code, "header contains name element with wrong type")
        }
        guard let value = pair[1].string else {
            throw GRIPError(self.code, "header contains value element with wrong type")
        }
        return (name, value)
    }

    private func append(
        _ name: String,
        _ value: String,
        to fields: inout HTTPFields,
        _ key: String
    ) throws(GRIPError) {
        // A list of fields that is full stops the program when one more is added.
        guard let name = HTTPField.Name(name), HTTPField.isValidValue(value), fields.count < Self.maximumFields else {
            throw self.invalid(key)
        }
        fields.append(HTTPField(name: name, value: value))
    }
}
