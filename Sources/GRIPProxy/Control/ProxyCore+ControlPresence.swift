import GRIP
import GRIPEngine
import NIOCore

/// What the control API has about presence.
extension ProxyCore {
    func members(of channel: String, on eventLoop: any EventLoop) -> EventLoopFuture<ControlResponse> {
        let answer = eventLoop.makePromise(of: ControlResponse.self)
        self.presence.members(of: channel) { result in
            switch result {
            case .success(let snapshot): answer.succeed(ControlResponse(snapshot))
            case .failure(let error): answer.succeed(ControlResponse(error))
            }
        }
        return answer.futureResult
    }

    func changes(of channel: String) -> ControlAnswer {
        // Publishers are not to be shut out by those who watch.
        guard self.control.beginStream() else { return .now(.tooManyStreams) }
        do throws(GRIPPresenceError) {
            return .stream(PresenceEvents(watch: try self.presence.watch(channel)) { self.control.endStream() })
        } catch {
            self.control.endStream()
            return .now(ControlResponse(error))
        }
    }

    func kick(
        _ key: String,
        from channel: String,
        _ response: ControlResponse,
        on eventLoop: any EventLoop
    ) -> EventLoopFuture<ControlResponse> {
        let answer = eventLoop.makePromise(of: ControlResponse.self)
        self.presence.kick(key, from: channel) { refusal in
            answer.succeed(refusal.map { ControlResponse(.notToldOthers(reason: $0)) } ?? response)
        }
        return answer.futureResult
    }
}
