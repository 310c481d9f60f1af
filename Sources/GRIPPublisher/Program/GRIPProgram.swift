#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// The outermost part of a program: an error ends it with one sentence and an exit status.
///
/// An error that is thrown at top level ends a Swift program with a trap and a backtrace, in which the reason is hard to
/// find. A program that runs in here tells on standard error what was wrong, where, and what to do about it:
///
/// ```swift
/// await GRIPProgram.run {
///     let configuration = try GRIPPublisherConfiguration(config: config)
///     // ...
/// }
/// ```
///
/// `HummingbirdGRIP` has `GRIPProgram.serve`, which makes and runs an application.
public enum GRIPProgram {
    /// How a program ends that could not do its work, after `sysexits.h`.
    public struct ExitStatus: Sendable, Hashable {
        /// The number that the system gets.
        public let code: Int32

        /// Makes a status.
        ///
        /// - Parameter code: The number that the system gets, from 1 to 255.
        public init(_ code: Int32) { self.code = code }

        /// Something went wrong that has no status of its own: 1.
        public static let failure = ExitStatus(1)
        /// The arguments are wrong: 64.
        public static let usage = ExitStatus(64)
        /// Something that the program needs is not there, such as an address to listen on: 69.
        public static let unavailable = ExitStatus(69)
        /// The configuration is wrong: 78.
        public static let badConfiguration = ExitStatus(78)
    }

    /// Why a program ends, for the person who started it.
    public struct Failure: Error, Sendable, Hashable, CustomStringConvertible {
        /// What was wrong, where, and what to do about it.
        public let description: String
        /// How the program ends.
        public let status: ExitStatus

        /// Makes a failure.
        ///
        /// - Parameters:
        ///   - description: What was wrong, where, and what to do about it, in one sentence without a secret.
        ///   - status: How the program ends.
        public init(_ description: String, status: ExitStatus = .failure) {
            self.description = description
            self.status = status
        }
    }

    /// Runs a program.
    ///
    /// When it throws, the process writes one line to standard error and ends: with the status of a ``Failure``, with 78
    /// for a configuration that cannot be used, with 69 where an address cannot be listened on, otherwise with 1.
    ///
    /// - Parameter body: The program.
    public static func run(_ body: () async throws -> Void) async {
        do {
            try await body()
        } catch {
            let failure = Self.failure(for: error)
            StandardError.write(failure.description)
            exit(failure.status.code)
        }
    }

    /// What to tell of an error.
    package static func failure(for error: any Error) -> Failure {
        let failure =
            switch error {
            case let failure as Failure: failure
            case let error as any ProgramError: Failure(error.programDescription, status: error.exitStatus)
            default: Failure("The program has ended with an error: \(error)")
            }
        let lines = failure.description.split(whereSeparator: \.isNewline)
        return Failure(lines.joined(separator: " "), status: failure.status)
    }
}
