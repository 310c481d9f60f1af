/// A change to a JSON document, as a list of operations (RFC 6902).
///
/// Published in an `http-response`, it changes the body that is held. Write paths from the root as `/member`; proxies
/// differ from the RFC where a path is empty or an index is at the end of an array (`-` appends everywhere).
public struct GRIPJSONPatch: Sendable, Hashable {
    package let operations: [JSONValue]

    package init(unchecked operations: [JSONValue]) { self.operations = operations }

    /// Reads a patch from its JSON text.
    ///
    /// - Parameter json: A list of objects, each with `op`, `path` and what the operation needs.
    /// - Throws: ``GRIPError`` with ``GRIPError/Code/json`` when it is not JSON, and with ``GRIPError/Code/format``
    ///   when it is not a patch.
    public init(json: String) throws(GRIPError) {
        guard let operations = try JSONValue(parsing: json).array else {
            throw GRIPError(.format, "a JSON patch is a list of operations")
        }
        for (index, operation) in operations.enumerated() { try Self.check(operation, index) }
        self.init(unchecked: operations)
    }

    private static func check(_ operation: JSONValue, _ index: Int) throws(GRIPError) {
        guard let name = operation["op"]?.string, let path = operation["path"]?.string, path.hasPrefix("/") else {
            throw GRIPError(.format, "operation \(index) of the patch needs an 'op' and a 'path' that begins with '/'")
        }
        switch name {
        case "remove": return
        case "add", "replace", "test":
            guard operation["value"] != nil else {
                throw GRIPError(.format, "operation \(index) of the patch needs a 'value'")
            }
        case "move", "copy":
            guard operation["from"]?.string != nil else {
                throw GRIPError(.format, "operation \(index) of the patch needs a 'from'")
            }
        default: throw GRIPError(.format, "operation \(index) of the patch has an unknown 'op'")
        }
    }
}
