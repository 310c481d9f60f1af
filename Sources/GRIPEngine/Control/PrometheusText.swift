package import NIOCore

/// Metrics as Prometheus reads them: the text exposition format 0.0.4.
package struct PrometheusText: Sendable {
    package static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    /// What a metric is.
    package enum Kind: String, Sendable, Hashable {
        case counter
        case gauge
    }

    package private(set) var buffer = ByteBuffer()

    package init() {}

    /// Adds a family of samples.
    ///
    /// - Parameters:
    ///   - name: Its name; letters, digits, underscores and colons.
    ///   - help: What it tells, in one sentence.
    ///   - kind: What it is.
    ///   - samples: Its values with their labels.
    package mutating func add(
        _ name: String,
        help: String,
        _ kind: Kind,
        _ samples: [(labels: [(name: String, value: String)], value: Int)]
    ) {
        self.buffer.writeString("# HELP \(name) \(Self.escape(help))\n# TYPE \(name) \(kind.rawValue)\n")
        for sample in samples {
            self.buffer.writeString(name)
            if !sample.labels.isEmpty {
                let labels = sample.labels.map { "\($0.name)=\"\(Self.escape($0.value, isQuoted: true))\"" }
                self.buffer.writeString("{\(labels.joined(separator: ","))}")
            }
            self.buffer.writeString(" \(sample.value)\n")
        }
    }

    private static func escape(_ text: String, isQuoted: Bool = false) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\"" where isQuoted: result += "\\\""
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
