import GRIP
import HTTPTypes
import NIOCore

/// The parameters that JSON-P takes out of a query.
///
/// Of several with the same name the first counts, and all are taken out.
struct JSONPQuery {
    private let options: Route.JSONP
    private var remaining: [QueryParameters.Parameter]

    init(_ query: Substring, options: Route.JSONP) {
        self.options = options
        self.remaining = QueryParameters(query).parameters
    }

    /// What was not taken out, as it was written.
    var rest: String { self.remaining.map(\.source).joined(separator: "&") }

    /// The callback, or nothing where this is no JSON-P request.
    mutating func callback() throws(JSONPError) -> JSONPCallback? {
        let error = JSONPError(parameter: "callback")
        let name: String
        if let value = try self.take(self.options.callbackParameter ?? "callback", error) {
            name = value
        } else if let value = self.options.defaultCallback, let parameter = self.options.bodyParameter,
            self.contains(parameter)
        {
            name = value
        } else {
            return nil
        }
        guard let callback = JSONPCallback(name) else { throw error }
        return callback
    }

    /// The method; `CONNECT` and `TRACE` are not for scripts.
    mutating func method() throws(JSONPError) -> HTTPRequest.Method? {
        let error = JSONPError(parameter: "_method")
        guard let name = try self.take("_method", error) else { return nil }
        guard let method = HTTPRequest.Method(name), method != .connect, method != .trace else { throw error }
        return method
    }

    /// The headers: a JSON object of texts.
    mutating func fields() throws(JSONPError) -> HTTPFields {
        let error = JSONPError(parameter: "_headers")
        guard let text = try self.take("_headers", error) else { return [:] }
        let object: JSONObject?
        do throws(GRIPError) { object = try JSONValue(parsing: text).object } catch { throw JSONPFields.error }
        guard let object, object.members.count <= JSONPFields.maximumCount else { throw error }
        var fields = HTTPFields()
        for member in object.members {
            guard let value = member.value.string, let name = HTTPField.Name(member.key),
                HTTPField.isValidValue(value)
            else { throw error }
            if JSONPFields.isAllowed(name) { fields.append(HTTPField(name: name, value: value)) }
        }
        return fields
    }

    /// The body, and whether it is said to be JSON.
    mutating func body() throws(JSONPError) -> (text: String, isJSON: Bool) {
        if let parameter = self.options.bodyParameter {
            let error = JSONPError(parameter: "body")
            guard let text = try self.take(parameter, error) else { return ("", false) }
            guard !text.isEmpty else { throw error }
            return (text, true)
        }
        let error = JSONPError(parameter: "_body")
        guard let text = try self.take("_body", error) else { return ("", false) }
        guard !text.isEmpty else { throw error }
        return (text, false)
    }

    private func contains(_ name: String) -> Bool {
        self.remaining.contains { $0.name?.utf8.elementsEqual(name.utf8) ?? false }
    }

    private mutating func take(_ name: String, _ error: JSONPError) throws(JSONPError) -> String? {
        guard let index = self.remaining.firstIndex(where: { $0.name?.utf8.elementsEqual(name.utf8) ?? false }) else {
            return nil
        }
        guard let value = self.remaining[index].value else { throw error }
        self.remaining.removeAll { $0.name?.utf8.elementsEqual(name.utf8) ?? false }
        return value
    }
}
