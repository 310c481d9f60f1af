import GRIP
public import GRIPAdapter
public import Hummingbird
import Logging

/// Lets the handlers behind it hold their clients' connections on a GRIP proxy.
///
/// It looks at each request's signature before the handler, and makes the handler's instruction into headers that the
/// proxy understands after it. Add it before the routes that use it; one middleware serves a whole router. Where two
/// stand on the way to a route, the outer one counts and the inner one does nothing, whatever its origin.
///
/// ```swift
/// let grip = try GRIPOrigin()
/// let router = Router(context: BasicGRIPRequestContext.self)
/// router.add(middleware: GRIPMiddleware(grip))
/// ```
public struct GRIPMiddleware<Context: GRIPRequestContext>: RouterMiddleware {
    private let grip: GRIPOrigin

    /// Makes the middleware.
    ///
    /// - Parameter grip: The application's side of GRIP; add it to the application's services too, which then checks
    ///   at start that there is a middleware.
    public init(_ grip: GRIPOrigin) {
        self.grip = grip
        grip.markInstalled()
    }

    /// Looks at a request, has it handled, and makes the response ready for the proxy.
    ///
    /// - Parameters:
    ///   - request: The request.
    ///   - context: Its context, which gets to know how the request has come.
    ///   - next: What handles the request.
    /// - Throws: What handling throws; `GRIPRefusal` where a proxy is required and there is none.
    /// - Returns: The response.
    public func handle(
        _ request: Request,
        context: Context,
        next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        // A second middleware on the way must neither verify again nor add the prefix twice.
        guard context.grip.origin == nil else { return try await next(request, context) }
        var context = context
        context.grip = self.grip.inspect(request.head)
        var response = try await next(request, context)
        guard GRIPInstruction.isPresent(in: response.headers) else { return response }
        var head = response.head
        do {
            try self.grip.finish(&head, to: request.method, for: context.grip)
        } catch {
            // Hummingbird answers with a bare 500 and mentions the error only for debugging. A refusal says all itself.
            if !(error is GRIPRefusal) {
                context.logger.error(
                    "the instruction of a response cannot be sent",
                    metadata: ["grip.path": "\(request.uri.path)", "grip.error": "\(error)"]
                )
            }
            throw error
        }
        response.status = head.status
        response.headers = head.headerFields
        return response
    }
}
