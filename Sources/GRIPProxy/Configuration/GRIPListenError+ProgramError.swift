package import GRIPPublisher

extension GRIPListenError: ProgramError {
    package var exitStatus: GRIPProgram.ExitStatus { .unavailable }
}

extension GRIPProxyServerConfigurationError: ProgramError {
    package var exitStatus: GRIPProgram.ExitStatus { .badConfiguration }
}
