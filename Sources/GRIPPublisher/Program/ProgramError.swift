package import GRIP

/// An error that says how a program ends because of it.
package protocol ProgramError: Error {
    var exitStatus: GRIPProgram.ExitStatus { get }
    /// The error in one sentence, for the person who started the program.
    var programDescription: String { get }
}

extension ProgramError {
    package var programDescription: String { "\(self)" }
}

extension GRIPError: ProgramError {
    package var exitStatus: GRIPProgram.ExitStatus { .badConfiguration }
}

extension GRIPPublisherConfigurationError: ProgramError {
    package var exitStatus: GRIPProgram.ExitStatus { .badConfiguration }
}

extension GRIPPublishError: ProgramError {
    package var exitStatus: GRIPProgram.ExitStatus { .unavailable }
}
