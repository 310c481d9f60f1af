import GRIP
import GRIPEngine

/// A `pushpin.conf` in the keys of this proxy.
package struct PushpinTranslation: Sendable, CustomReflectable {
    /// The values by our key.
    package private(set) var texts: [String: String] = [:]
    /// What the values are called in the file.
    package private(set) var origins: [String: ConfigurationLayer.Origin] = [:]
    /// What is wrong, and what has no effect here.
    package private(set) var problems: [ConfigurationProblem]

    /// Translates a file.
    ///
    /// - Parameter file: The file with what it includes.
    package init(_ file: PushpinConfigurationFile) {
        self.problems = file.problems
        let entries = file.entries.sorted { ($0.value.line, $0.key.description) < ($1.value.line, $1.key.description) }
        for (key, entry) in entries { self.translate(key, entry, of: file) }
        self.addListeners(file)
        self.addControlListener(file)
    }

    package var customMirror: Mirror { Mirror(self, children: [], displayStyle: .struct) }

    private mutating func translate(
        _ key: PushpinConfigurationFile.Key,
        _ entry: PushpinConfigurationFile.Entry,
        of file: PushpinConfigurationFile
    ) {
        switch PushpinSetting.all[key]?.effect {
        case .mapped(let own, let change):
            let value = file.expanded(entry.value)
            guard !value.isEmpty else { return }
            self.set(own, change(value), key, entry)
        case .unsupported(let shipped, let advice):
            guard !shipped.contains(entry.value) else { return }
            self.problem(.warning, key, entry, "has no effect: \(advice)")
        case .combined, .internalWiring: return
        case nil: self.unknown(key, entry)
        }
    }

    private mutating func set(
        _ own: String,
        _ text: String,
        _ key: PushpinConfigurationFile.Key,
        _ entry: PushpinConfigurationFile.Entry
    ) {
        self.texts[own] = text
        self.origins[own] = .init(name: key.description, line: entry.line, source: entry.source)
    }

    private mutating func unknown(_ key: PushpinConfigurationFile.Key, _ entry: PushpinConfigurationFile.Entry) {
        // The sockets between Pushpin's own processes, of which each version has others.
        if key.name.hasSuffix("_spec") || key.name.hasSuffix("_specs") { return }
        let names = PushpinSetting.all.keys.filter { $0.section == key.section }.map(\.name).sorted()
        if let suggestion = EditDistance.nearest(to: key.name, among: names) {
            self.problem(.error, key, entry, "is not a key of Pushpin; did you mean '\(suggestion)'?")
        } else {
            // Pushpin itself says nothing, and a newer one may know it.
            self.problem(.warning, key, entry, "is not known and has no effect")
        }
    }

    private mutating func problem(
        _ severity: RouteProblem.Severity,
        _ key: PushpinConfigurationFile.Key,
        _ entry: PushpinConfigurationFile.Entry,
        _ reason: String
    ) {
        self.problems.append(
            ConfigurationProblem(severity, source: entry.source, line: entry.line, "'\(key)' \(reason)")
        )
    }

    private mutating func addListeners(_ file: PushpinConfigurationFile) {
        var addresses: [String] = []
        for name in ["http_port", "local_ports"] {
            guard let entry = file["runner", name] else { continue }
            let values = file.expanded(entry.value).split(separator: ",").map { $0.trimmingASCIIWhitespace() }
            let own = values.filter { !$0.isEmpty }.map { name == "local_ports" ? "unix:\($0)" : String($0) }
            guard !own.isEmpty else { continue }
            addresses += own
            self.set("listeners", addresses.joined(separator: ","), .init("runner", name), entry)
        }
    }

    /// The control API: an address, a port, and what Pushpin adds to the port of each instance.
    private mutating func addControlListener(_ file: PushpinConfigurationFile) {
        let address = file["handler", "push_in_http_addr"]
        let port = file["handler", "push_in_http_port"]
        let offset = file["global", "port_offset"]
        guard let entry = port ?? address ?? offset else { return }
        let name = port != nil ? "push_in_http_port" : address != nil ? "push_in_http_addr" : nil
        let key = name.map { PushpinConfigurationFile.Key("handler", $0) } ?? .init("global", "port_offset")
        let portText = port.map(\.value).flatMap { $0.isEmpty ? nil : $0 } ?? "5561"
        let offsetText = offset.map(\.value).flatMap { $0.isEmpty ? nil : $0 } ?? "0"
        guard let base = UInt16(portText), let added = Int32(offsetText),
            (1...65535).contains(Int(base) + Int(added))
        else {
            let reason = "with 'global.port_offset' added, the port of the control API is not from 1 to 65535"
            self.problem(.error, key, entry, reason)
            return
        }
        let host = address.map(\.value).flatMap { $0.isEmpty ? nil : $0 } ?? "127.0.0.1"
        let written = host.utf8.contains(UInt8(ascii: ":")) && !host.hasPrefix("[") ? "[\(host)]" : host
        self.set("controlListeners", "\(written):\(Int(base) + Int(added))", key, entry)
    }
}

extension PushpinTranslation {
    /// The names of Pushpin's keys that have an effect of their own.
    package static var effectiveKeys: [String] {
        let names = PushpinSetting.all.values.compactMap { setting in
            switch setting.effect {
            case .mapped, .combined: setting.key.name
            case .unsupported, .internalWiring: nil
            }
        }
        return names.filter { !["include", "rundir", "ipc_prefix"].contains($0) }.sorted()
    }
}
