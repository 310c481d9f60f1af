import Foundation

/// A process told apart from a later one that was given the same number.
struct RunningProcess: Hashable, Sendable {
    var identifier: pid_t
    var startTime: String

    /// Sends a signal if the process is still the one that was seen; one that is gone needs none.
    func signal(_ number: Int32) {
        if isRunning { kill(identifier, number) }
    }

    var isRunning: Bool { RunningProcess.read(identifier)?.process == self }

    /// The process and everything it started, as `/proc` shows it; on systems without `/proc` nothing.
    static func tree(of root: pid_t) -> [RunningProcess] {
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: "/proc") else { return [] }
        var children: [pid_t: [RunningProcess]] = [:]
        var found: [RunningProcess] = []
        for name in names {
            guard let identifier = pid_t(name), let (process, parent) = read(identifier) else { continue }
            children[parent, default: []].append(process)
            if identifier == root { found.append(process) }
        }
        var index = 0
        while index < found.count {
            found += children[found[index].identifier] ?? []
            index += 1
        }
        return found
    }

    private static func read(_ identifier: pid_t) -> (process: RunningProcess, parent: pid_t)? {
        // A process may end between being listed and being read; then there is nothing to know about it.
        guard let stat = try? String(contentsOfFile: "/proc/\(identifier)/stat", encoding: .utf8),
            let nameEnd = stat.lastIndex(of: ")")
        else { return nil }
        // After the name, which may hold blanks: state, parent, … and as the twentieth field the start time.
        let fields = stat[stat.index(after: nameEnd)...].split(separator: " ")
        guard fields.count > 19, fields[0] != "Z", let parent = pid_t(fields[1]) else { return nil }
        return (RunningProcess(identifier: identifier, startTime: String(fields[19])), parent)
    }
}
