import GRIP

extension PushpinConfigurationFile {
    /// A value with what Pushpin puts into it: `{rundir}` and `{ipc_prefix}`.
    ///
    /// - Parameter value: The value as it is written. Another name in braces stays as it is.
    func expanded(_ value: String) -> String {
        guard value.utf8.contains(UInt8(ascii: "{")) else { return value }
        let variables = [
            "rundir": self["global", "rundir"]?.value ?? self["runner", "rundir"]?.value ?? "run",
            "ipc_prefix": self["global", "ipc_prefix"]?.value ?? "pushpin-",
        ]
        var result = ""
        var rest = value[...]
        while let open = rest.firstIndex(of: "{"), let close = rest[open...].firstIndex(of: "}") {
            result += rest[..<open]
            let name = String(rest[rest.index(after: open)..<close])
            result += variables[name] ?? "{\(name)}"
            rest = rest[rest.index(after: close)...]
        }
        return result + rest
    }
}
