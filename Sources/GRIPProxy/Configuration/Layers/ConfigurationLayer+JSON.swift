import Configuration
import GRIP
import GRIPEngine
import GRIPPublisher

extension ConfigurationLayer {
    /// The layer of a configuration file: a JSON object whose members are the keys, with objects for the parts before
    /// a point.
    ///
    /// - Parameters:
    ///   - text: The text of the file.
    ///   - path: Where the file is, for messages and for the paths in it.
    package static func json(_ text: String, path: String) -> ConfigurationLayer {
        var reader = JSONConfigurationReader(source: path)
        do throws(GRIPError) {
            reader.read(try JSONValue(parsing: text))
        } catch {
            let place = JSONParser.located(error, in: text)
            reader.problems.append(
                ConfigurationProblem(
                    .error,
                    source: path,
                    line: place?.line,
                    column: place?.column,
                    "the file is not JSON: \(place?.reason ?? error.reason)"
                )
            )
        }
        var layer = ConfigurationLayer(
            source: path,
            folder: FileLocation.folder(of: path),
            values: reader.values
        )
        layer.problems = reader.problems
        return layer
    }

    /// The layer of a configuration file.
    ///
    /// - Parameter path: Where the file is.
    package static func json(file path: String) -> ConfigurationLayer {
        do throws(SmallFile.Failure) {
            return .json(try SmallFile.text(path), path: path)
        } catch {
            return .unreadable(path, error)
        }
    }
}

/// Collects the values of a JSON object.
private struct JSONConfigurationReader {
    let source: String
    var values: [AbsoluteConfigKey: ConfigValue] = [:]
    var problems: [ConfigurationProblem] = []

    init(source: String) { self.source = source }

    mutating func fail(_ reason: String) {
        self.problems.append(ConfigurationProblem(.error, source: self.source, reason))
    }

    /// Reads the whole file.
    mutating func read(_ value: JSONValue) {
        guard let object = value.object else {
            return self.fail("is not a JSON object")
        }
        self.read(object, in: nil)
    }

    private mutating func read(_ object: JSONObject, in group: String?) {
        for member in object.members {
            guard !member.key.isEmpty else {
                let place = group.map { "'\($0)'" } ?? "the file"
                self.fail("a member of \(place) has an empty name; remove it or give it the name of a setting")
                continue
            }
            self.read(member.value, key: group.map { "\($0).\(member.key)" } ?? member.key)
        }
    }

    private mutating func read(_ value: JSONValue, key: String) {
        if let setting = ProxySetting.all.first(where: { $0.key.utf8.elementsEqual(key.utf8) }) {
            self.set(setting, value)
        } else if Self.isGroup(key) {
            guard let object = value.object else {
                return self.fail("'\(key)' is not an object")
            }
            self.read(object, in: key)
        } else {
            let suggestion = EditDistance.nearest(to: key, among: ProxySetting.all.map(\.key) + Self.groups)
            self.fail("unknown key '\(ConfigurationLayer.shown(key))'" + ConfigurationLayer.advice(suggestion))
        }
    }

    private mutating func set(_ setting: ProxySetting, _ value: JSONValue) {
        if case .null = value { return }
        // Digits that are octal are still digits.
        let isDigits = setting.type == "octal"
        guard let content = isDigits ? Self.digits(value) : Self.content(value, isList: setting.isList) else {
            self.fail("'\(setting.key)' is not of the type '\(setting.type)'")
            return
        }
        // All are treated as secrets: which of them are is known where they are read.
        self.values[AbsoluteConfigKey(ConfigKey(setting.key))] = ConfigValue(content, isSecret: true)
    }

    private static func content(_ value: JSONValue, isList: Bool) -> ConfigContent? {
        switch value {
        case .string(let text): .string(text)
        case .integer(let number): isList ? .string(String(number)) : .int(number)
        case .double(let number): isList ? nil : .double(number)
        case .bool(let value): isList ? nil : .bool(value)
        case .array(let elements): isList ? Self.list(elements) : nil
        case .null, .number, .object: nil
        }
    }

    private static func digits(_ value: JSONValue) -> ConfigContent? {
        switch value {
        case .string(let text): .string(text)
        case .integer(let number): .string(String(number))
        default: nil
        }
    }

    private static func list(_ elements: [JSONValue]) -> ConfigContent? {
        var texts: [String] = []
        for element in elements {
            switch element {
            case .string(let text): texts.append(text)
            case .integer(let number): texts.append(String(number))
            default: return nil
            }
        }
        return .stringArray(texts)
    }

    /// The parts of keys before a point.
    private static let groups = Set(
        ProxySetting.all.compactMap { setting in
            setting.key.utf8.firstIndex(of: UInt8(ascii: ".")).map { String(setting.key[..<$0]) }
        }
    ).sorted()

    private static func isGroup(_ key: String) -> Bool {
        Self.groups.contains { $0.utf8.elementsEqual(key.utf8) }
    }
}
