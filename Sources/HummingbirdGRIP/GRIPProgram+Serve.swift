import GRIPProxy
public import GRIPPublisher
public import Hummingbird

extension GRIPProgram {
    /// Makes an application and runs it until it is told to end.
    ///
    /// ```swift
    /// await GRIPProgram.serve {
    ///     let grip = try GRIPOrigin()
    ///     let router = Router(context: BasicGRIPRequestContext.self)
    ///     router.add(middleware: GRIPMiddleware(grip))
    ///     return Application(router: router, server: .grip(grip), services: [grip])
    /// }
    /// ```
    ///
    /// SIGINT and SIGTERM end it when its clients have been let go. Where it cannot start, as with a variable that cannot
    /// be used or a port that is taken, the process writes one sentence to standard error and ends with a status that
    /// `GRIPProgram.run(_:)` describes. First of all the limit of open files is raised, see `GRIPFileDescriptors`.
    ///
    /// - Parameter make: Makes the application; everything that can go wrong before belongs in here.
    public static func serve<App: ApplicationProtocol>(_ make: () async throws -> App) async {
        GRIPFileDescriptors.raiseLimit()
        await Self.run {
            let application = try await make()
            let listener = application.configuration.address.listener
            do {
                try listener?.check()
                try await application.runService()
            } catch {
                guard let failure = listener?.failure(error) else { throw error }
                throw Failure(
                    "The application cannot listen on \(failure.listener): \(failure.reason)",
                    status: .unavailable
                )
            }
        }
    }
}
