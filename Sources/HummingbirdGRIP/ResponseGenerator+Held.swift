public import GRIP
import GRIPAdapter
public import Hummingbird
import Logging

extension ResponseGenerator {
    /// Has the response held, or otherwise treated, by the GRIP proxy that the request came through.
    ///
    /// ```swift
    /// "[stream open]\n".held(.stream(on: "test"))
    /// ```
    ///
    /// - Parameter instruction: What the proxy does with the client.
    /// - Returns: The response with the instruction, which never reaches the client.
    public func held(_ instruction: GRIPInstruction) -> GRIPHeld<Self> {
        GRIPHeld(base: self, instruction: instruction)
    }

    /// Has the response followed by what a link answers, on the same connection.
    ///
    /// - Parameter link: Where the GRIP proxy asks for the next page.
    /// - Returns: The response with the instruction.
    public func followed(by link: GRIPLink) -> GRIPHeld<Self> { self.held(.next(link)) }
}

/// A response with an instruction for a GRIP proxy.
public struct GRIPHeld<Base: ResponseGenerator>: ResponseGenerator {
    let base: Base
    let instruction: GRIPInstruction

    /// Makes the response, with the instruction in its headers.
    ///
    /// - Parameters:
    ///   - request: The request.
    ///   - context: Its context.
    /// - Throws: What making the response throws; `GRIPConfigurationError` where no ``GRIPMiddleware``
    ///   stands before the route.
    /// - Returns: The response.
    public func response(from request: Request, context: some RequestContext) throws -> Response {
        _ = try installedOrigin(context)
        return try self.base.response(from: request, context: context).held(self.instruction)
    }
}

extension Response {
    /// Has the response held, or otherwise treated, by the GRIP proxy that the request came through.
    ///
    /// - Parameter instruction: What the proxy does with the client.
    /// - Returns: The response with the instruction in its headers, which ``GRIPMiddleware`` makes ready for the proxy.
    ///   Where none stands before the route, nobody notices, and the headers go out as they are.
    public func held(_ instruction: GRIPInstruction) -> Response {
        var copy = self
        instruction.write(to: &copy.headers)
        return copy
    }

    /// Has the response followed by what a link answers, on the same connection.
    ///
    /// - Parameter link: Where the GRIP proxy asks for the next page.
    /// - Returns: The response with the instruction.
    public func followed(by link: GRIPLink) -> Response { self.held(.next(link)) }
}

/// The application's side of GRIP and what it knows of the request; throws where no ``GRIPMiddleware`` has seen it.
func installedOrigin(_ context: some RequestContext) throws -> (GRIPOrigin, GRIPRequestState) {
    guard let state = (context as? any GRIPRequestContext)?.grip, let origin = state.origin else {
        let error = GRIPConfigurationError(
            key: "GRIPMiddleware",
            reason: "no GRIPMiddleware stands before this route; add it to the router before the route"
        )
        // Hummingbird answers with a bare 500 and mentions the error only for debugging.
        context.logger.error("\(error)", metadata: ["grip.route": "\(context.endpointPath ?? "")"])
        throw error
    }
    return (origin, state)
}
