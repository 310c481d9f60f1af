import Foundation

/// The configuration files of a Pushpin that shares nothing with another one on the machine.
struct PushpinConfiguration {
    struct NotFound: Error, CustomStringConvertible {
        var description: String
    }

    var httpPort: Int
    var controlPort: Int
    var routes: [String]
    /// By `section.key`; takes precedence over everything else.
    var settings: [String: String]

    /// Writes the files into a folder and gives the one to start Pushpin with.
    func write(into folder: URL) throws -> URL {
        let run = folder.appendingPathComponent("run", isDirectory: true)
        let logs = folder.appendingPathComponent("log", isDirectory: true)
        for each in [run, logs] {
            try FileManager.default.createDirectory(at: each, withIntermediateDirectories: false)
        }
        let internalFile = folder.appendingPathComponent("internal.conf")
        // Debian's Pushpin uses the machine's Zurl; here it gets one of its own.
        let wiring = try PushpinConfiguration.packaged("lib/pushpin/internal.conf")
            .replacing("ipc:///var/run/zurl/", with: "ipc://{rundir}/{ipc_prefix}")
        try wiring.write(to: internalFile, atomically: false, encoding: .utf8)

        // Since 1.37 the connection manager and the HTTP client are one process.
        let isOneProcessForConnections = wiring.contains("connmgr_in_specs")
        let own = [
            "global.include": internalFile.path,
            "global.rundir": run.path,
            "runner.services": isOneProcessForConnections
                ? "connmgr,proxy,handler" : "condure,zurl,pushpin-proxy,pushpin-handler",
            "runner.http_port": "127.0.0.1:\(httpPort)",
            "runner.logdir": logs.path,
            "proxy.routesfile": "routes",
            "handler.push_in_spec": "ipc://\(run.path)/push-in",
            "handler.push_in_sub_specs": "ipc://\(run.path)/push-in-sub",
            "handler.command_spec": "ipc://\(run.path)/command",
            "handler.push_in_http_addr": "127.0.0.1",
            "handler.push_in_http_port": "\(controlPort)",
        ]
        let defaults = try PushpinConfiguration.packaged("etc/pushpin/pushpin.conf")
        let main = PushpinConfiguration.apply(own.merging(settings) { $1 }, to: defaults)
        let mainFile = folder.appendingPathComponent("pushpin.conf")
        try main.write(to: mainFile, atomically: false, encoding: .utf8)
        let routesFile = folder.appendingPathComponent("routes")
        try routes.map { $0 + "\n" }.joined().write(to: routesFile, atomically: false, encoding: .utf8)
        return mainFile
    }

    /// A file of the installed package.
    private static func packaged(_ path: String) throws -> String {
        for prefix in ["/usr", "", "/usr/local", "/opt/homebrew"] {
            let file = "\(prefix)/\(path)"
            if FileManager.default.fileExists(atPath: file) {
                return try String(contentsOfFile: file, encoding: .utf8)
            }
        }
        throw NotFound(description: "Pushpin's \(path) is in none of the known places")
    }

    /// Changes settings where the text has them and adds the others at the start of their section.
    static func apply(_ settings: [String: String], to text: String) -> String {
        var left = settings
        var sections: [(name: String, lines: [String])] = [("", [])]
        for line in text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
            let trimmed = line.trimmingCharacters(in: .whitespaces)
            if trimmed.hasPrefix("["), trimmed.hasSuffix("]") {
                sections.append((String(trimmed.dropFirst().dropLast()), [line]))
                continue
            }
            let key = trimmed.prefix { $0 != "=" }.trimmingCharacters(in: .whitespaces)
            let name = "\(sections[sections.count - 1].name).\(key)"
            let value = trimmed.hasPrefix("#") ? nil : left.removeValue(forKey: name)
            sections[sections.count - 1].lines.append(value.map { "\(key)=\($0)" } ?? line)
        }
        for (name, value) in left.sorted(by: { $0.key < $1.key }) {
            let parts = name.split(separator: ".", maxSplits: 1).map(String.init)
            guard parts.count == 2 else { preconditionFailure("a setting is named section.key, not \(name)") }
            if let index = sections.firstIndex(where: { $0.name == parts[0] }) {
                sections[index].lines.insert("\(parts[1])=\(value)", at: 1)
            } else {
                sections.append((parts[0], ["[\(parts[0])]", "\(parts[1])=\(value)"]))
            }
        }
        return sections.flatMap(\.lines).joined(separator: "\n") + "\n"
    }
}
