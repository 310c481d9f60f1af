package import GRIP
import HTTPTypes
import NIOCore

extension ControlResponse {
    /// The answer to a publish with how many connections have got each item.
    ///
    /// - Parameters:
    ///   - publications: The items, in order.
    ///   - deliveries: The numbers, in the same order.
    ///   - busRefusal: Why other instances do not get all of the items, or `nil` when they do.
    package static func published(
        _ publications: [GRIPPublication],
        deliveries: [CountByKind],
        busRefusal: GRIPBusAcceptance.Refusal? = nil
    ) -> ControlResponse {
        var response = ControlResponse { writer in
            writer.member("message", "Published")
            writer.key("items")
            writer.array { writer in
                for (publication, count) in zip(publications, deliveries) {
                    writer.object { writer in
                        writer.member("channel", publication.channel.name)
                        writer.key("deliveries")
                        count.write(to: &writer)
                    }
                }
            }
        }
        response.head.headerFields[.preferenceApplied] = "return=representation"
        return response.noting(busRefusal)
    }

    /// The answer about a connection, or that there is none.
    package init(_ connection: ConnectionSnapshot?) {
        guard let connection else {
            self = .notFound
            return
        }
        self.init { connection.writeMembers(to: &$0) }
    }

    /// The answer about a channel, which is there as long as somebody is subscribed to it.
    package init(channel name: String, subscribers: [CountByKind]) {
        var channel = ChannelSnapshot(name: name, subscribers: CountByKind())
        for count in subscribers { channel.subscribers += count }
        guard channel.subscribers.total > 0 else {
            self = .notFound
            return
        }
        self.init { channel.writeMembers(to: &$0) }
    }

    /// The answer about the members of a channel.
    package init(_ snapshot: GRIPPresenceSnapshot) {
        var body = snapshot.json
        body.writeStaticString("\n")
        self.init(.ok, type: "application/json", body)
    }

    /// The answer to what presence could not do.
    package init(_ error: GRIPPresenceError) { self.init(.serviceUnavailable, "\(error)") }

    /// The answer to a scrape of Prometheus.
    package init(_ metrics: PrometheusText) {
        self.init(.ok, type: PrometheusText.contentType, metrics.buffer)
    }
}
