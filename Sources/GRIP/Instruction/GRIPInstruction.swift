public import HTTPTypes

/// What an origin tells a GRIP proxy to do with the client of a request.
///
/// An instruction goes with a response, as `Grip-*` headers or as a body of the type `application/grip-instruct`. It
/// never reaches the client. The two common ones have a spelling of their own:
///
/// ```swift
/// "[stream open]\n".held(.stream(on: "test", keepAlive: .newline(after: .seconds(20))))
/// Response(status: .notModified).held(.response(on: "test", timeout: .seconds(55)))
/// ```
///
/// An instruction is checked when it is made, so that an invalid one cannot be sent.
public struct GRIPInstruction: Sendable, Hashable {
    /// How to hold the connection, or nothing for a response that is only a page of a longer stream.
    public let hold: GRIPHold?
    /// The channels whose items the client receives.
    public let channels: [GRIPChannel]
    /// Where the proxy asks for more of a stream (`rel=next`).
    public private(set) var nextLink: GRIPLink?
    /// Where the proxy tells that the client is gone (`rel=gone`).
    public private(set) var goneLink: GRIPLink?
    /// The status the client sees in place of the origin's (`Grip-Status`).
    public private(set) var status: HTTPResponse.Status?
    /// What the filters of this subscription know about the client (`Grip-Set-Meta`).
    public private(set) var meta: [String: String]
    /// The only headers that reach the client (`Grip-Expose-Headers`), or nothing where all do.
    public private(set) var exposedHeaders: [HTTPField.Name]?

    package init(
        uncheckedHold hold: GRIPHold?,
        channels: [GRIPChannel] = [],
        nextLink: GRIPLink? = nil,
        goneLink: GRIPLink? = nil,
        status: HTTPResponse.Status? = nil,
        meta: [String: String] = [:],
        exposedHeaders: [HTTPField.Name]? = nil
    ) {
        self.hold = hold
        self.channels = channels
        self.nextLink = nextLink
        self.goneLink = goneLink
        self.status = status
        self.meta = meta
        self.exposedHeaders = exposedHeaders
    }

    /// Makes an instruction of a hold and channels that are known at run time.
    ///
    /// - Parameters:
    ///   - hold: How to hold the connection; without one the response is sent and, if there is a next link, followed
    ///     by what that answers.
    ///   - channels: The channels; a hold needs at least one.
    /// - Throws: ``GRIPError`` with ``GRIPError/Code/hold`` when there is a hold without channels.
    public init(hold: GRIPHold? = nil, channels: [GRIPChannel] = []) throws(GRIPError) {
        guard hold == nil || !channels.isEmpty else {
            throw GRIPError(.hold, "a hold needs at least one channel, or no item could ever end or feed it")
        }
        self.init(uncheckedHold: hold, channels: channels)
    }

    /// Holds the response until an item is published or the time is over: long-polling.
    ///
    /// - Parameters:
    ///   - channel: A channel whose items the client receives.
    ///   - more: Further channels.
    ///   - timeout: How long to wait, rounded up to whole seconds; without it the proxy decides, usually 55 seconds.
    /// - Returns: The instruction.
    public static func response(
        on channel: GRIPChannel,
        _ more: GRIPChannel...,
        timeout: Duration? = nil
    ) -> GRIPInstruction {
        GRIPInstruction(uncheckedHold: .response(timeout: timeout), channels: [channel] + more)
    }

    /// Sends the response and keeps it open for items: streaming.
    ///
    /// - Parameters:
    ///   - channel: A channel whose items the client receives.
    ///   - more: Further channels.
    ///   - keepAlive: What to send while nothing is published.
    /// - Returns: The instruction.
    public static func stream(
        on channel: GRIPChannel,
        _ more: GRIPChannel...,
        keepAlive: GRIPKeepAlive? = nil
    ) -> GRIPInstruction {
        GRIPInstruction(uncheckedHold: .stream(keepAlive: keepAlive), channels: [channel] + more)
    }

    /// Holds the response until an item is published to a channel whose name is made at run time.
    ///
    /// - Parameters:
    ///   - name: The name of the channel.
    ///   - timeout: How long to wait, rounded up to whole seconds; without it the proxy decides, usually 55 seconds.
    /// - Throws: ``GRIPError`` with ``GRIPError/Code/channel`` when no channel can have that name.
    /// - Returns: The instruction.
    @_disfavoredOverload
    public static func response(on name: some StringProtocol, timeout: Duration? = nil) throws(GRIPError)
        -> GRIPInstruction
    {
        .response(on: try GRIPChannel(String(name)), timeout: timeout)
    }

    /// Sends the response and keeps it open for items of a channel whose name is made at run time.
    ///
    /// - Parameters:
    ///   - name: The name of the channel.
    ///   - keepAlive: What to send while nothing is published.
    /// - Throws: ``GRIPError`` with ``GRIPError/Code/channel`` when no channel can have that name.
    /// - Returns: The instruction.
    @_disfavoredOverload
    public static func stream(on name: some StringProtocol, keepAlive: GRIPKeepAlive? = nil) throws(GRIPError)
        -> GRIPInstruction
    {
        .stream(on: try GRIPChannel(String(name)), keepAlive: keepAlive)
    }

    /// Sends the response, then what the link answers, on the same connection: paging.
    ///
    /// - Parameter link: Where the proxy asks for the next page.
    /// - Returns: An instruction without a hold.
    public static func next(_ link: GRIPLink) -> GRIPInstruction {
        GRIPInstruction(uncheckedHold: nil, nextLink: link)
    }
}

extension GRIPInstruction {
    /// Whether the client is held in a certain way on certain channels, whatever else the instruction says.
    ///
    /// Instructions are equal only when all of them is: timeouts, keep-alives, prev-ids and filters too. Tests mostly
    /// want to know less:
    ///
    /// ```swift
    /// #expect(instruction.holds(.stream, on: "test"))
    /// ```
    ///
    /// - Parameters:
    ///   - mode: How the client is held.
    ///   - names: The names of channels that must be among those of the hold.
    /// - Returns: True when it is held so, on all these channels.
    public func holds(_ mode: GRIPHold.Mode, on names: String...) -> Bool {
        self.hold?.mode == mode && names.allSatisfy { name in self.channels.contains { $0.name == name } }
    }

    /// Adds a next link.
    ///
    /// - Parameter link: Where the proxy asks when items were missed or the stream was quiet for long.
    /// - Returns: The instruction with that link in place of an earlier one.
    public func with(next link: GRIPLink) -> GRIPInstruction {
        var copy = self
        copy.nextLink = link
        return copy
    }

    /// Adds a gone link, which proxies that announce ``GRIPFeature/linkGone`` post to when the client is gone.
    ///
    /// - Parameter link: Where to post; its timeout is not used.
    /// - Returns: The instruction with that link in place of an earlier one.
    public func with(gone link: GRIPLink) -> GRIPInstruction {
        var copy = self
        copy.goneLink = GRIPLink(unchecked: link.uri, timeout: nil)
        return copy
    }

    /// Sets the status that the client sees.
    ///
    /// - Parameter status: The status, which may be one that the framework between does not let pass, as 304.
    /// - Returns: The instruction with that status.
    public func with(status: HTTPResponse.Status) -> GRIPInstruction {
        var copy = self
        copy.status = status
        return copy
    }

    /// Adds to what the filters know about the client.
    ///
    /// - Parameter meta: Names, which are header tokens, and values, which are text without control characters. They
    ///   replace earlier ones of the same name.
    /// - Throws: ``GRIPError`` with ``GRIPError/Code/meta``.
    /// - Returns: The instruction with the meta added.
    public func with(meta: [String: String]) throws(GRIPError) -> GRIPInstruction {
        var copy = self
        for (name, value) in meta {
            guard HTTPField.Name(name) != nil else {
                throw GRIPError(.meta, "a meta name must be a token of letters, digits and the like")
            }
            guard !value.containsControlCharacters else {
                throw GRIPError(.meta, "the value of meta '\(name)' must not contain control characters")
            }
            copy.meta[name] = value
        }
        return copy
    }

    /// Lets only some headers of the response reach the client.
    ///
    /// - Parameters:
    ///   - name: The name of a header.
    ///   - more: Further names.
    /// - Returns: The instruction with these names in place of earlier ones.
    public func exposing(_ name: HTTPField.Name, _ more: HTTPField.Name...) -> GRIPInstruction {
        var copy = self
        copy.exposedHeaders = [name] + more
        return copy
    }

    /// Puts a prefix before the names of all channels.
    ///
    /// - Parameter prefix: The application's prefix.
    /// - Returns: The instruction for the channels with the prefix.
    public func prefixed(by prefix: GRIPPrefix) -> GRIPInstruction {
        GRIPInstruction(
            uncheckedHold: self.hold,
            channels: self.channels.map { $0.prefixed(by: prefix) },
            nextLink: self.nextLink,
            goneLink: self.goneLink,
            status: self.status,
            meta: self.meta,
            exposedHeaders: self.exposedHeaders
        )
    }
}
