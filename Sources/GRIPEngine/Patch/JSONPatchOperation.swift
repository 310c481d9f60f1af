import GRIP

/// One step of a patch (RFC 6902, section 4).
enum JSONPatchOperation: Sendable, Hashable {
    case add(JSONPointer, JSONValue)
    case remove(JSONPointer)
    case replace(JSONPointer, JSONValue)
    case move(from: JSONPointer, to: JSONPointer)
    case copy(from: JSONPointer, to: JSONPointer)
    case test(JSONPointer, JSONValue)

    init(_ json: JSONValue) throws(JSONPatchError.Reason) {
        guard let object = json.object else { throw .notAnObject }
        guard let name = object["op"]?.string else { throw .unknownOperation }
        switch name {
        case "add": self = .add(try Self.path(object), try Self.value(object))
        case "remove": self = .remove(try Self.path(object))
        case "replace": self = .replace(try Self.path(object), try Self.value(object))
        case "move": self = .move(from: try Self.from(object), to: try Self.path(object))
        case "copy": self = .copy(from: try Self.from(object), to: try Self.path(object))
        case "test": self = .test(try Self.path(object), try Self.value(object))
        default: throw .unknownOperation
        }
    }

    private static func path(_ object: JSONObject) throws(JSONPatchError.Reason) -> JSONPointer {
        guard let text = object["path"]?.string else { throw .noPath }
        return try JSONPointer(text)
    }

    private static func from(_ object: JSONObject) throws(JSONPatchError.Reason) -> JSONPointer {
        guard let text = object["from"]?.string else { throw .noFrom }
        return try JSONPointer(text)
    }

    private static func value(_ object: JSONObject) throws(JSONPatchError.Reason) -> JSONValue {
        guard let value = object["value"] else { throw .noValue }
        return value
    }
}
