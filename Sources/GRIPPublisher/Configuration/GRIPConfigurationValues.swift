package import Configuration
import GRIP

/// Reads values that are absent or right.
///
/// A reader has no word for "absent or of the wrong type, and which": an optional value of the wrong type reads as
/// absent, and a misspelt limit would go unnoticed. So a value that does not read as its type is looked for as others.
/// Empty text is absent, because an environment file has no other way to say so.
package struct GRIPConfigurationValues {
    private let config: ConfigReader

    package init(config: ConfigReader) { self.config = config }

    package func string(_ key: String, isSecret: Bool = false) throws -> String? {
        guard let text = self.config.string(forKey: ConfigKey(key), isSecret: isSecret) else {
            try self.requireAbsence(of: key, "is not a string")
            return nil
        }
        let trimmed = text.trimmingASCIIWhitespace()
        return trimmed.isEmpty ? nil : String(trimmed)
    }

    /// Reads an array of strings, or one string of several without blanks and commas.
    package func list(_ key: String, isSecret: Bool) throws -> [String] {
        // As a string first: a reader of the environment would split it at commas alone.
        if let text = self.config.string(forKey: ConfigKey(key), isSecret: isSecret) {
            return text.split(whereSeparator: { $0.isWhitespace || $0 == "," }).map(String.init)
        }
        guard let values = self.config.stringArray(forKey: ConfigKey(key), isSecret: isSecret) else {
            try self.requireAbsence(of: key, "is not an array of strings")
            return []
        }
        return values
    }

    /// Reads an array of strings, or one string of several lines; empty lines count for nothing.
    package func lines(_ key: String) throws -> [String] {
        var texts: [String] = []
        if let text = self.config.string(forKey: ConfigKey(key)) {
            texts = [text]
        } else if let values = self.config.stringArray(forKey: ConfigKey(key)) {
            texts = values
        } else {
            try self.requireAbsence(of: key, "is not an array of strings")
        }
        return texts.flatMap { $0.split(whereSeparator: \.isNewline) }
            .map { String($0.trimmingASCIIWhitespace()) }
            .filter { !$0.isEmpty }
    }

    package func int(_ key: String, atLeast minimum: Int) throws -> Int? {
        guard let value = self.config.int(forKey: ConfigKey(key)) else {
            try self.requireAbsence(of: key, "is not an integer")
            return nil
        }
        guard value >= minimum else {
            throw GRIPPublisherConfigurationError(key: key, reason: "is less than \(minimum)")
        }
        // Sums with other times must not overflow.
        guard value <= Int32.max else {
            throw GRIPPublisherConfigurationError(key: key, reason: "is more than \(Int32.max)")
        }
        return value
    }

    package func milliseconds(_ key: String, atLeast minimum: Int) throws -> Duration? {
        try self.int(key, atLeast: minimum).map { .milliseconds($0) }
    }

    package func bool(_ key: String) throws -> Bool? {
        // As a string first: a reader of the environment knows fewer words.
        guard let word = self.config.string(forKey: ConfigKey(key))?.trimmingASCIIWhitespace() else {
            let value = self.config.bool(forKey: ConfigKey(key))
            if value == nil { try self.requireAbsence(of: key, "is neither true nor false") }
            return value
        }
        switch word.lowercased() {
        case "": return nil
        case "true", "yes", "1", "on": return true
        case "false", "no", "0", "off": return false
        default: throw GRIPPublisherConfigurationError(key: key, reason: "is neither true nor false")
        }
    }

    package func choice<Value>(_ key: String, of values: [String: Value]) throws -> Value? {
        guard let name = try self.string(key) else { return nil }
        guard let value = values[name] else {
            let names = values.keys.sorted().joined(separator: ", ")
            throw GRIPPublisherConfigurationError(key: key, reason: "is not one of: \(names)")
        }
        return value
    }

    package func checked<Value>(_ key: String, _ make: () throws -> Value) throws -> Value {
        do {
            return try make()
        } catch let error as GRIPError {
            throw GRIPPublisherConfigurationError(key: key, reason: "is wrong: \(error.reason)")
        }
    }

    private func requireAbsence(of name: String, _ reason: String) throws {
        let key = ConfigKey(name)
        if let text = self.config.string(forKey: key, isSecret: true) {
            guard text.trimmingASCIIWhitespace().isEmpty else {
                throw GRIPPublisherConfigurationError(key: name, reason: reason)
            }
            return
        }
        let isPresent =
            self.config.int(forKey: key, isSecret: true) != nil
            || self.config.double(forKey: key, isSecret: true) != nil
            || self.config.bool(forKey: key, isSecret: true) != nil
            || self.config.stringArray(forKey: key, isSecret: true) != nil
            || self.config.intArray(forKey: key, isSecret: true) != nil
        if isPresent { throw GRIPPublisherConfigurationError(key: name, reason: reason) }
    }
}

extension GRIPConfigurationValues {
    func retry() throws -> GRIPRetryPolicy {
        let attempts = try self.int("retry.attempts", atLeast: 1) ?? 3
        let backoff = try self.milliseconds("retry.backoffMs", atLeast: 0) ?? .milliseconds(100)
        let longest = try self.milliseconds("retry.maximumBackoffMs", atLeast: 0) ?? .seconds(2)
        let standard = GRIPRetryPolicy.whenNothingWasSent(attempts: attempts, backoff: backoff, maximumBackoff: longest)
        let modes: [String: GRIPRetryPolicy] = [
            "never": .never,
            "whenNothingWasSent": standard,
            "always": .always(attempts: attempts, backoff: backoff, maximumBackoff: longest),
        ]
        return try self.choice("retry.mode", of: modes) ?? standard
    }
}
