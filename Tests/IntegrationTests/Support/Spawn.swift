import CTestSupport
import Foundation

/// Starts programs with nothing of this process but what they are given.
///
/// Foundation's `Process` goes through a list of all open files, and now and then crashes when there are thousands.
enum Spawn {
    /// Starts a program.
    ///
    /// - Parameters:
    ///   - input: what it reads, or nil for nothing.
    ///   - output: where it writes its standard output and error.
    /// - Returns: its number, to be waited for.
    static func start(
        _ path: String,
        _ arguments: [String],
        environment: [String: String],
        directory: URL?,
        input: FileHandle?,
        output: FileHandle
    ) throws -> pid_t {
        let arguments = ([path] + arguments).map { strdup($0) }
        let environment = environment.map { strdup("\($0)=\($1)") }
        defer { for copy in arguments + environment { free(copy) } }
        var identifier = pid_t()
        let error = spawn_program(
            path,
            arguments + [nil],
            environment + [nil],
            directory?.path,
            input?.fileDescriptor ?? -1,
            output.fileDescriptor,
            &identifier
        )
        guard error == 0 else { throw POSIXError(POSIXErrorCode(rawValue: error) ?? .EINVAL) }
        return identifier
    }

    /// Waits until a program has ended, and gives its status, or the number of the signal that ended it.
    static func wait(for identifier: pid_t) -> Int32 {
        var status = Int32()
        while waitpid(identifier, &status, 0) == -1, errno == EINTR {}
        let signal = status & 0x7F
        return signal == 0 ? (status >> 8) & 0xFF : signal
    }
}
