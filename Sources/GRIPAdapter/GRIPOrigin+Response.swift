import GRIP
public import HTTPTypes

extension GRIPOrigin {
    /// Makes a handler's response into the one that is sent.
    ///
    /// An instruction in the fields gets the prefix and is checked; to a client without a proxy the response goes
    /// without it. `304 Not Modified` with a hold or a next link becomes 200 with `Grip-Status: 304`, because nothing
    /// between may take a response that is yet to come for one without a body. A stream gets `X-Accel-Buffering: no`
    /// unless the handler says otherwise, because an nginx as it is shipped would hold it back.
    ///
    /// An instruction in the body (`GRIPInstructDocument`) is left as it is; the framework's module puts the
    /// prefix into it, and unwraps it for a client without a proxy.
    ///
    /// - Parameters:
    ///   - response: The head of the handler's response.
    ///   - method: The request's method. A response to `HEAD` ends with its headers, so nothing is held for it.
    ///   - state: What is known about the request.
    /// - Throws: ``GRIPRefusal`` when a proxy is required and there is none, and `GRIPError` when the handler
    ///   wrote an instruction into the fields that proxies would not understand.
    public func finish(
        _ response: inout HTTPResponse,
        to method: HTTPRequest.Method = .get,
        for state: GRIPRequestState
    ) throws {
        guard GRIPInstruction.isPresent(in: response.headerFields) else { return }
        guard try self.delegates(to: state), method != .head else {
            response.headerFields.removeAll(where: \.isGRIP)
            return
        }
        guard !GRIPInstruction.isDocument(response.headerFields) else { return }
        var instruction = try GRIPInstruction(fields: response.headerFields)
        guard instruction.hold == nil || !instruction.channels.isEmpty else {
            throw GRIPError(.hold, "a hold needs at least one channel")
        }
        self.checkChannels(of: instruction, for: state)
        var isChanged = false
        if response.status == .notModified, instruction.hold != nil || instruction.nextLink != nil {
            response.status = .ok
            instruction = instruction.status == nil ? instruction.with(status: .init(code: 304)) : instruction
            isChanged = true
        }
        if self.configuration.prefix != .none {
            instruction = instruction.prefixed(by: self.configuration.prefix)
            isChanged = true
        }
        let goesOn = instruction.hold.map { $0.mode == .stream } ?? (instruction.nextLink != nil)
        if goesOn, response.headerFields[.accelBuffering] == nil {
            // Or an nginx on the way waits for more of a response that has no end.
            response.headerFields[.accelBuffering] = "no"
        }
        // Most are as they should be, and writing them again would only take time.
        if isChanged { instruction.write(to: &response.headerFields) }
    }

    /// Whether a response with an instruction goes to a proxy, and not to a client that could do nothing with it.
    ///
    /// - Parameter state: What is known about the request.
    /// - Throws: ``GRIPRefusal`` when a proxy is required and there is none.
    /// - Returns: True when there is a proxy.
    public func delegates(to state: GRIPRequestState) throws(GRIPRefusal) -> Bool {
        guard state.isProxied || !self.configuration.isProxyRequired else { throw .proxyRequired }
        return state.isProxied
    }
}
