package import GRIP
import HTTPTypes
import NIOCore

/// The control API: what publishers and operators may ask of the proxy, and the answers.
///
/// It answers as Pushpin does where Pushpin has an answer.
package struct ControlAPI: Sendable {
    private let token: ControlToken?
    private let access: ControlAccess
    private let maximumBody: Int

    /// Makes the API.
    ///
    /// - Parameters:
    ///   - token: The bearer token that every request must carry, or `nil` when none is asked for.
    ///   - access: Who may use it without a token.
    ///   - maximumBody: The most bytes of a request's body.
    package init(token: String?, access: ControlAccess = ControlAccess(), maximumBody: Int) {
        self.token = token.map(ControlToken.init)
        self.access = access
        self.maximumBody = maximumBody
    }

    /// What a request's head leads to.
    package enum Check: Sendable, Hashable {
        /// A body of so many bytes is to be read.
        case readBody(Int)
        case respond(ControlResponse)
    }

    /// What a whole request leads to.
    package enum Decision: Sendable, Hashable {
        case respond(ControlResponse)
        case publish([GRIPPublication], reply: Reply)
        /// All held connections are to look for what they may have missed.
        case recover(ControlResponse)
        case connections(ConnectionQuery)
        case connection(UInt64)
        /// A connection is to be ended; the answer is for when there is one.
        case close(UInt64, ControlResponse)
        case channels(ChannelQuery)
        case channel(String)
        /// The members of a channel are wanted.
        case members(of: String)
        /// The members of a channel, and what changes among them from now on, are wanted.
        case changes(of: String)
        /// A member is to be removed from a channel; the answer is for when that has begun.
        case kick(key: String, from: String, ControlResponse)
        case metrics
    }

    /// How a publish is answered.
    package enum Reply: Sendable, Hashable {
        /// Before anything is delivered.
        case atOnce(ControlFormat)
        /// With how many connections have got each item.
        case withDeliveries
    }

    // MARK: Head

    /// Looks at a request before its body is read.
    package func check(_ head: ControlHead) -> Check {
        let check = self.length(of: head)
        if self.token == nil, let refusal = self.access.refusal(of: head.sender) {
            return .respond(check == .readBody(0) ? refusal : refusal.closing)
        }
        guard case .readBody(let length) = check else { return check }
        if let token {
            let credentials = head.authorization
            guard credentials.count == 1, token.isCarried(by: credentials[0]) else {
                let response = ControlResponse.unauthorized(hasCredentials: !credentials.isEmpty)
                return .respond(length == 0 ? response : response.closing)
            }
        }
        return length > self.maximumBody ? .respond(.bodyTooLarge) : .readBody(length)
    }

    private func length(of head: ControlHead) -> Check {
        switch head.length {
        case .bytes(let count): .readBody(count)
        case .none:
            // Without a length there is no body, which all that can be done about is a mistake where one is expected.
            [.post, .put, .patch].contains(head.method) ? .respond(.lengthRequired) : .readBody(0)
        case .chunked: .respond(.lengthRequired)
        case .invalid: .respond(.badLength)
        }
    }

    // MARK: Request

    /// Decides about a request that has passed ``check(_:)`` and is there as a whole.
    package func decide(_ request: ControlRequest) -> Decision {
        let head = request.head
        let path = ControlPath(target: head.target)
        switch path {
        // These have forms of their own.
        case .metrics?: return self.allows(head, .metrics) ?? .metrics
        case .presence(let channel)?:
            return self.allows(head, .presence(channel: channel)) ?? self.presence(of: channel, head)
        default: break
        }
        guard let format = ControlFormat(head) else { return .respond(.notAcceptable) }
        guard let path else { return .respond(.notFound) }
        if let refusal = self.allows(head, path) { return refusal }
        do throws(ControlQueryError) {
            return switch path {
            // Pushpin's says whose API it is, in the same place.
            case .root: .respond(ControlResponse(.ok, "GRIP API"))
            case .publish: self.publish(request, format)
            case .recover: .recover(.done("Updated", format))
            case .invalid(let reason): .respond(ControlResponse(.badRequest, "Invalid path: \(reason)."))
            case .metrics: .metrics
            case .connections(let query): .connections(try ConnectionQuery(query))
            case .connection(let id) where head.method == .delete: .close(id, .done("Closed", format))
            case .connection(let id): .connection(id)
            case .channels(let query): .channels(try ChannelQuery(query))
            case .channel(let name): .channel(name)
            case .member(let key, let channel): self.kick(key, from: channel, format)
            case .presence(let channel): self.presence(of: channel, head)
            }
        } catch {
            return .respond(ControlResponse(.badRequest, "Invalid query: \(error.reason)"))
        }
    }

    private func allows(_ head: ControlHead, _ path: ControlPath) -> Decision? {
        guard let allowed = path.allowed, !allowed.contains(head.method) else { return nil }
        return .respond(.notAllowed(head.method, allowed: allowed))
    }

    private func kick(_ key: String, from channel: String, _ format: ControlFormat) -> Decision {
        do throws(GRIPError) {
            _ = try GRIPMember(key)
            return .kick(key: key, from: channel, .done("Kicked", format))
        } catch {
            return .respond(ControlResponse(.badRequest, "Invalid path: \(error.reason)."))
        }
    }

    private func presence(of channel: String, _ head: ControlHead) -> Decision {
        guard let format = ControlPresenceFormat(head) else { return .respond(.presenceNotAcceptable) }
        switch format {
        case .json: return .members(of: channel)
        case .events where head.method == .head:
            return .respond(ControlResponse(.ok, type: "text/event-stream", ByteBuffer()))
        case .events: return .changes(of: channel)
        }
    }

    private func publish(_ request: ControlRequest, _ format: ControlFormat) -> Decision {
        if let publications = GRIPPublication.plain(request.body) {
            return .publish(publications, reply: self.reply(to: request.head, format))
        }
        let body: JSONValue
        do throws(GRIPError) { body = try JSONValue(parsing: request.body) } catch { return .respond(.notJSON) }
        switch body {
        case .object(let object):
            do throws(GRIPError) {
                return .publish(try GRIPPublication.list(object), reply: self.reply(to: request.head, format))
            } catch {
                return .respond(ControlResponse(.badRequest, "Invalid format: \(error.reason)"))
            }
        case .array: return .respond(ControlResponse(.badRequest, "Invalid format."))
        default: return .respond(.notJSON)
        }
    }

    private func reply(to head: ControlHead, _ format: ControlFormat) -> Reply {
        head.prefersRepresentation && ControlFormat.allowsJSON(head) ? .withDeliveries : .atOnce(format)
    }
}
