import GRIP
import GRIPPublisher
import Logging

/// A path to a setting.
typealias SettingPath<Value> = any WritableKeyPath<ProxySettings, Value> & Sendable

extension ProxySetting {
    static func integer(
        _ key: String,
        _ path: SettingPath<Int>,
        atLeast minimum: Int,
        atMost maximum: Int = .max,
        type: String = "integer"
    ) -> ProxySetting {
        ProxySetting(key, type: type) { source, settings, setting in
            if let value = try source.values.int(setting.key, atLeast: minimum) { settings[keyPath: path] = value }
        } check: { settings throws(InvalidValue) in
            try Self.check(settings[keyPath: path], atLeast: minimum)
            if settings[keyPath: path] > maximum { throw InvalidValue("is more than \(maximum)") }
        } show: { settings in
            String(settings[keyPath: path])
        }
    }

    static func bytes(_ key: String, _ path: SettingPath<Int>, atLeast minimum: Int = 1) -> ProxySetting {
        .integer(key, path, atLeast: minimum, type: "bytes")
    }

    static func milliseconds(_ key: String, _ path: SettingPath<Duration>, atLeast minimum: Int = 1) -> ProxySetting {
        ProxySetting(key, type: "milliseconds") { source, settings, setting in
            if let value = try source.values.milliseconds(setting.key, atLeast: minimum) {
                settings[keyPath: path] = value
            }
        } check: { settings throws(InvalidValue) in
            let value = settings[keyPath: path]
            if value < .milliseconds(minimum) { throw InvalidValue("is less than \(minimum) ms") }
            if value > .milliseconds(Int(Int32.max)) { throw InvalidValue("is more than \(Int32.max) ms") }
        } show: { settings in
            String(settings[keyPath: path] / .milliseconds(1), fractionDigits: 0)
        }
    }

    static func boolean(_ key: String, _ path: SettingPath<Bool>) -> ProxySetting {
        ProxySetting(key, type: "boolean") { source, settings, setting in
            if let value = try source.values.bool(setting.key) { settings[keyPath: path] = value }
        } check: { _ throws(InvalidValue) in
        } show: { settings in
            String(settings[keyPath: path])
        }
    }

    static func choice<Value: RawRepresentable<String> & Sendable>(
        _ key: String,
        _ path: SettingPath<Value>,
        _ choices: [Value]
    ) -> ProxySetting {
        ProxySetting(key, type: choices.map(\.rawValue).joined(separator: ", ")) { source, settings, setting in
            let values = Dictionary(choices.map { ($0.rawValue, $0) }, uniquingKeysWith: { first, _ in first })
            if let value = try source.values.choice(setting.key, of: values) { settings[keyPath: path] = value }
        } check: { _ throws(InvalidValue) in
        } show: { settings in
            settings[keyPath: path].rawValue
        }
    }

    static func text(
        _ key: String,
        _ path: SettingPath<String>,
        check: @escaping @Sendable (String) throws(InvalidValue) -> Void
    ) -> ProxySetting {
        ProxySetting(key, type: "text") { source, settings, setting in
            if let value = try source.values.string(setting.key) { settings[keyPath: path] = value }
        } check: { settings throws(InvalidValue) in
            try check(settings[keyPath: path])
        } show: { settings in
            settings[keyPath: path]
        }
    }

    static func optionalText(
        _ key: String,
        _ path: SettingPath<String?>,
        check: @escaping @Sendable (String) throws(InvalidValue) -> Void
    ) -> ProxySetting {
        ProxySetting(key, type: "text") { source, settings, setting in
            if let value = try source.values.string(setting.key) { settings[keyPath: path] = value }
        } check: { settings throws(InvalidValue) in
            if let value = settings[keyPath: path] { try check(value) }
        } show: { settings in
            settings[keyPath: path] ?? ""
        }
    }

    /// Permission bits, as `chmod` takes them.
    static func mode(_ key: String, _ path: SettingPath<Int?>) -> ProxySetting {
        ProxySetting(key, type: "octal") { source, settings, setting in
            guard let text = try source.values.string(setting.key) else { return }
            guard let mode = Int(text, radix: 8), text.utf8.allSatisfy({ $0 != UInt8(ascii: "+") }) else {
                throw InvalidValue("is not a mode of a file; write octal digits, such as 660")
            }
            settings[keyPath: path] = mode
        } check: { settings throws(InvalidValue) in
            guard let mode = settings[keyPath: path] else { return }
            guard (0...0o777).contains(mode) else {
                throw InvalidValue("is not a mode of a file; write octal digits from 0 to 777, such as 660")
            }
        } show: { settings in
            settings[keyPath: path].map { String($0, radix: 8) } ?? ""
        }
    }

    static func key(
        _ key: String,
        _ path: SettingPath<GRIPKey?>,
        check: @escaping @Sendable (GRIPKey) throws(GRIPError) -> Void
    ) -> ProxySetting {
        ProxySetting(key, type: "key, secret") { source, settings, setting in
            guard let text = try source.values.string(setting.key, isSecret: true) else { return }
            settings[keyPath: path] = try KeyText.key(text, folder: source.folder)
        } check: { settings throws(InvalidValue) in
            guard let value = settings[keyPath: path] else { return }
            do throws(GRIPError) {
                try check(value)
            } catch {
                throw InvalidValue("cannot be used: \(error.reason)")
            }
        } show: { _ in
            ""
        }
    }

    static func listeners(
        _ key: String,
        _ path: SettingPath<[GRIPListener]>,
        defaultHost: String
    ) -> ProxySetting {
        ProxySetting(key, type: "addresses", isList: true) { source, settings, setting in
            let texts = try source.values.list(setting.key, isSecret: false)
            guard !texts.isEmpty else { return }
            settings[keyPath: path] = try texts.map { text in
                try GRIPListener(text, defaultHost: defaultHost, folder: source.folder)
            }
        } check: { settings throws(InvalidValue) in
            let listeners = settings[keyPath: path]
            guard !listeners.isEmpty else { throw InvalidValue("is empty; give at least one address") }
            for (index, listener) in listeners.enumerated() where !listener.hasFreePort {
                guard !listeners[..<index].contains(listener) else { throw InvalidValue("has \(listener) twice") }
            }
            for case .tcp(_, let port) in listeners.map(\.address) where !(0...65535).contains(port) {
                throw InvalidValue("has the port \(port); ports are 0 to 65535")
            }
        } show: { settings in
            settings[keyPath: path].map(\.description).joined(separator: ", ")
        }
    }

    static func hostNames(_ key: String, _ path: SettingPath<[String]>) -> ProxySetting {
        ProxySetting(key, type: "names", isList: true) { source, settings, setting in
            let names = try source.values.list(setting.key, isSecret: false)
            if !names.isEmpty { settings[keyPath: path] = names }
        } check: { settings throws(InvalidValue) in
            for name in settings[keyPath: path] {
                let isName = name.utf8.allSatisfy { $0 > .space && $0 < 0x7F && !":/@[],*".utf8.contains($0) }
                guard name == "*" || (isName && !name.isEmpty) else {
                    throw InvalidValue("has '\(name)'; write names without ports, or * for all")
                }
            }
        } show: { settings in
            settings[keyPath: path].joined(separator: ", ")
        }
    }

    static func check(_ value: Int, atLeast minimum: Int) throws(InvalidValue) {
        if value < minimum { throw InvalidValue("is less than \(minimum)") }
        if value > Int32.max { throw InvalidValue("is more than \(Int32.max)") }
    }
}

extension GRIPListener {
    /// Whether the system chooses the port, so that two of the same differ.
    fileprivate var hasFreePort: Bool {
        if case .tcp(_, 0) = self.address { true } else { false }
    }
}

extension String {
    /// A number without an exponent and with so many digits after the point.
    fileprivate init(_ value: Double, fractionDigits: Int) {
        self = fractionDigits == 0 ? "\(Int64(value.rounded()))" : "\(value)"
    }
}
