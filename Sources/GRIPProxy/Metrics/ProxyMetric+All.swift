import GRIP
import GRIPEngine

extension ProxyMetric {
    /// All metrics, in the order in which they are shown.
    package static let all: [ProxyMetric] =
        Self.pushpin + Self.clients + Self.holds + Self.origins + Self.logs
        + Self.publishers + Self.bus + Self.presence

    /// Those that Pushpin has too.
    private static let pushpin: [ProxyMetric] = [
        .counter("request_received", "Requests of clients.") { $0.requestsReceived },
        .gauge("connection_connected", "Connections of clients.") { $0.connections },
        .counter("connection_minute", "Minutes that connections of clients have lasted, all together.") {
            $0.connectionMilliseconds / 60_000
        },
        .counter("message_received", "Published items.") { $0.itemsReceived.total },
        .counter("message_sent", "Items that were written to clients.") { $0.delivered.total },
    ]

    private static let clients: [ProxyMetric] = [
        .counter("grip_proxy_connections_opened_total", "Connections of clients that were accepted.") {
            $0.connectionsOpened
        },
        .counter("grip_proxy_connections_refused_total", "Connections of clients over the limit.") {
            $0.connectionsRefused
        },
        .counter(
            "grip_proxy_accept_pauses_total",
            "How often a listener rested because no file descriptors were left for its connections."
        ) { $0.acceptPauses },
        .counter("grip_proxy_connections_aged_total", "Connections of clients that were ended because of their age.") {
            $0.connectionsAged
        },
        .counter("grip_proxy_pings_total", "Pings to clients of WebSockets that have sent nothing for a while.") {
            $0.pings
        },
        .counter(
            "grip_proxy_clients_timed_out_total",
            "Clients that were disconnected because they were too slow or did nothing.",
            by: "reason"
        ) { (counters, reason: ClientTimeout) in
            counters.clientsTimedOut[reason, default: 0]
        },
        .counter("grip_proxy_request_heads_too_large_total", "Requests whose head is over the limit.") {
            $0.headsTooLarge
        },
        .counter("grip_proxy_bad_requests_total", "Requests that are not valid or not supported.") { $0.badRequests },
        .counter("grip_proxy_requests_too_large_to_hold_total", "Requests whose body is too large to be held.") {
            $0.requestsTooLargeToHold
        },
        .counter("grip_proxy_too_large_total", "Messages and responses that are larger than they may be.", by: "limit")
        {
            (counters, limit: SizeLimit) in
            counters.tooLarge[limit, default: 0]
        },
        .counter("grip_proxy_requests_without_route_total", "Requests that no route is for.") {
            $0.requestsWithoutRoute
        },
        .counter("grip_proxy_responses_aborted_total", "Responses that ended before they were complete.") {
            $0.responsesAborted
        },
        .counter(
            "grip_proxy_reads_limited_total",
            "How often a connection that sends very many small pieces is read in smaller parts from then on."
        ) { $0.readsLimited },
    ]

    private static let holds: [ProxyMetric] = [
        .gauge("grip_proxy_holds", "Connections that are held.") { measurements, kind in
            measurements.counters.holdsBegun[kind] - measurements.counters.holdsEnded[kind]
        },
        .counter("grip_proxy_holds_begun_total", "Connections that were held.", by: "kind") {
            (counters, kind: HoldKind) in
            counters.holdsBegun[kind]
        },
        .gauge("grip_proxy_subscriptions", "Subscriptions of held connections to channels.") {
            $0.levels.subscriptions[$1]
        },
        .gauge("grip_proxy_channels", "Channels that are subscribed to or were lately.") { $0.channels },
        .counter("grip_proxy_deliveries_total", "Items that were written to clients.", by: "kind") {
            (counters, kind: HoldKind) in
            counters.delivered[kind]
        },
        .counter("grip_proxy_deliveries_overflowed_total", "Items for clients that did not keep up.") {
            $0.overflowed
        },
        .counter("grip_proxy_deliveries_overflowed_bytes_total", "Bytes of items for clients that did not keep up.") {
            $0.overflowedBytes
        },
        .counter("grip_proxy_filter_failures_total", "Items that a filter or a patch failed on.") {
            $0.filterFailures
        },
        .counter("grip_proxy_channels_left_out_total", "Channels of holds over the limit of subscriptions.") {
            $0.channelsLeftOut
        },
    ]

    private static let origins: [ProxyMetric] = [
        .counter("grip_proxy_origin_requests_total", "Requests to origins.") { $0.originRequests },
        .counter(
            "grip_proxy_origin_failures_total",
            "Requests to origins without a whole response.",
            by: "reason",
            OriginFailure.labels
        ) { $0.originFailures[$1, default: 0] },
        .counter("grip_proxy_origin_connections_opened_total", "Connections that were made to origins.") {
            $0.originConnectionsOpened
        },
        .counter("grip_proxy_origin_connections_expired_total", "Connections to origins that nobody used any more.") {
            $0.originConnectionsExpired
        },
        .gauge("grip_proxy_origin_connections", "Connections to origins.") { $0.originConnections },
        .gauge("grip_proxy_origin_requests_waiting", "Requests that wait for a connection to their origin.") {
            $0.waitingOriginRequests
        },
        .counter(
            "grip_proxy_origin_requests_delayed_total",
            "Requests that waited because their origin had as many connections as it may."
        ) { $0.originRequestsDelayed },
        .counter(
            "grip_proxy_origin_requests_repeated_total",
            "Requests that were sent again because the origin had ended the connection before it answered."
        ) { $0.originRequestsRepeated },
        .counter("grip_proxy_bad_instructions_total", "Responses whose instructions are not valid.") {
            $0.badInstructions
        },
        .counter("grip_proxy_links_followed_total", "Pages that were fetched for streams.") { $0.linksFollowed },
        .counter("grip_proxy_link_failures_total", "Links of holds that were of no use.", by: "reason") {
            (counters, problem: LinkProblem) in
            counters.linkFailures[problem, default: 0]
        },
    ]

    private static let logs: [ProxyMetric] = [
        .counter(
            "grip_proxy_log_lines_left_out_total",
            "Lines for the log that were left out because there were many of the same kind."
        ) { $0.logLinesLeftOut },
        .counter(
            "grip_proxy_log_lines_dropped_total",
            "Lines for the log and the access log that were dropped because nobody read them in time."
        ) { $0.logLinesDropped },
        .counter("grip_proxy_log_texts_cut_total", "Texts in lines of the log that were cut.") { $0.logTextsCut },
    ]

    private static let bus: [ProxyMetric] = [
        .gauge("grip_proxy_bus_connected", "Whether the bus to other instances is connected: 1 or 0.") {
            $0.connectedBuses
        },
        .counter("grip_proxy_bus_items_published_total", "Items that the bus has taken for other instances.") {
            $0.bus.published
        },
        .counter(
            "grip_proxy_bus_items_refused_total",
            "Items that the bus did not take, which only clients of this instance have got.",
            by: "reason",
            GRIPBusAcceptance.Refusal.allCases.map(\.description) + ["reserved"]
        ) { $0.bus.refused[$1, default: 0] },
        .counter(
            "grip_proxy_bus_items_left_out_total",
            "Items of other instances that were left out because clients do not get them as fast."
        ) { $0.bus.leftOut },
        .counter(
            "grip_proxy_bus_gaps_total",
            "How often items of other instances may have been missed.",
            by: "reason",
            GRIPBusGap.Reason.allCases.map(\.description)
        ) { $0.bus.missed[$1, default: 0] },
        .counter("grip_proxy_bus_connections_total", "Connections of the bus to a server, the first one included.") {
            $0.bus.own.connections
        },
        .counter(
            "grip_proxy_bus_messages_lost_total",
            "Messages that the bus has taken and lost with a connection before they were sent."
        ) { $0.bus.own.lostMessages },
        .counter(
            "grip_proxy_bus_messages_skipped_total",
            "Messages of other instances that were too large for the bus."
        ) { $0.bus.own.skippedMessages },
        .gauge("grip_proxy_bus_waiting_bytes", "Bytes of messages that wait to be sent by the bus.") {
            $0.waitingBusBytes
        },
    ]

    private static let presence: [ProxyMetric] = [
        .gauge("grip_proxy_presence_members", "Members of channels that this instance has.") { $0.presenceMembers },
        .gauge("grip_proxy_presence_watchers", "Those who watch the members of channels.") { $0.presenceWatchers },
        .gauge("grip_proxy_presence_watched_channels", "Channels whose members are watched or were lately.") {
            $0.presenceChannels
        },
        .gauge("grip_proxy_presence_instances", "Other instances that have members or watchers.") {
            $0.presenceInstances
        },
        .counter("grip_proxy_presence_members_refused_total", "Members that were not noted for lack of room.") {
            $0.presence.refusedMembers
        },
        .counter("grip_proxy_presence_watchers_refused_total", "Those who wanted to watch and were refused.") {
            $0.presence.refusedWatchers
        },
        .counter(
            "grip_proxy_presence_changes_left_out_total",
            "Changes that somebody who watches did not take in time, and has got as a snapshot."
        ) { $0.presence.changesLeftOut },
        .counter(
            "grip_proxy_presence_departures_dropped_total",
            "Departures that the application did not take in time and has not got."
        ) { $0.presence.droppedDepartures },
        .counter(
            "grip_proxy_presence_connections_kicked_total",
            "Connections that were ended because their members were kicked."
        ) { $0.presence.kickedConnections },
        .counter("grip_proxy_presence_messages_sent_total", "Messages about members that the bus has taken.") {
            $0.presence.sentMessages
        },
        .counter("grip_proxy_presence_messages_refused_total", "Messages about members that the bus did not take.") {
            $0.presence.refusedMessages
        },
        .counter("grip_proxy_presence_messages_received_total", "Messages about members of other instances.") {
            $0.presence.receivedMessages
        },
        .counter("grip_proxy_presence_messages_invalid_total", "Messages about members that could not be read.") {
            $0.presence.invalidMessages
        },
        .counter(
            "grip_proxy_presence_messages_ignored_total",
            "Messages about members that were left aside because there are too many instances."
        ) { $0.presence.ignoredMessages },
        .counter(
            "grip_proxy_presence_questions_total",
            "How often other instances were asked whom they have on a channel."
        ) { $0.presence.questions },
    ]

    private static let publishers: [ProxyMetric] = [
        .counter("grip_proxy_items_received_total", "Published items, by where they come from.", by: "source") {
            (counters, source: PublishSource) in
            counters.itemsReceived[source]
        },
        .gauge("grip_proxy_control_connections", "Connections of publishers.") { $0.controlConnections },
        .counter(
            "grip_proxy_control_responses_total",
            "Answers of the control API.",
            by: "code",
            ["200", "400", "401", "403", "404", "405", "406", "411", "501", "503"]
        ) { counters, code in Int(code).map { counters.controlResponses[$0, default: 0] } ?? 0 },
        .counter("grip_proxy_control_refused_total", "What the control API refused or did not wait for.", by: "reason")
        {
            (counters, reason: ControlResponse.Refusal) in
            counters.controlRefusals[reason, default: 0]
        },
        .gauge(
            "grip_proxy_published_bytes",
            "About how many bytes of items are not with the connections of clients yet."
        ) {
            $0.publishedBytes
        },
        .counter("grip_proxy_publishers_delayed_total", "Publishers that were answered later because of those.") {
            $0.publishersDelayed
        },
        .gauge("grip_proxy_items_waiting", "Items that wait for the ones before them.") { $0.waitingItems },
        .gauge("grip_proxy_items_waiting_bytes", "About how many bytes of memory those items take.") {
            $0.waitingBytes
        },
        .counter("grip_proxy_items_duplicate_total", "Items whose id was seen lately.") { $0.sequencing.duplicates },
        .counter("grip_proxy_items_reordered_total", "Items that waited until the one before them came.") {
            $0.sequencing.reordered
        },
        .counter("grip_proxy_items_overdue_total", "Items that waited for one that did not come in time.") {
            $0.sequencing.overdue
        },
        .counter("grip_proxy_items_lost_total", "Items that waited when the last subscriber went.") {
            $0.sequencing.lost
        },
        .counter("grip_proxy_items_dropped_total", "Items that could not wait.", by: "reason") {
            (counters, reason: ChannelSequencer.DropReason) in
            counters.sequencing.dropped[reason, default: 0]
        },
        .counter("grip_proxy_ids_forgotten_total", "Ids of items that were forgotten early for lack of room.") {
            $0.sequencing.forgottenIDs
        },
        .counter("grip_proxy_last_ids_forgotten_total", "Channels whose last id was forgotten for lack of room.") {
            $0.sequencing.forgottenLastIDs
        },
    ]
}
