extension GRIPProxyServerConfiguration {
    /// How long presence waits, and how much there may be of what.
    public struct Presence: Sendable, Hashable {
        /// How long a member stays after its last connection has ended, so that one that polls again or reconnects does not
        /// leave and join each time.
        public var linger: Duration = .seconds(15)
        /// How long other instances keep the members of this one after it has shut down, so that those who reconnect to
        /// another instance do not leave and join; with zero they leave at once.
        public var grace: Duration = .seconds(10)
        /// Members that this instance has on one channel, and those of each other instance that it takes note of.
        ///
        /// Further members of this instance are on no list. Lists that lack some of another instance say that they are not
        /// complete.
        public var members = 10_000
        /// Those who watch at once, by the control API and in this process.
        ///
        /// More are refused.
        public var watchers = 10_000
        /// Channels that are watched at once.
        ///
        /// More are refused. A channel stays watched for 30 seconds after its last watcher.
        public var watchedChannels = 1000
        /// Other instances that are taken note of.
        public var instances = 1000
        /// Changes that wait for one who watches.
        ///
        /// Beyond it they are thrown away, and the next change is a new snapshot.
        public var queuedChanges = 1024
        /// Departures that wait for the application.
        ///
        /// More are dropped.
        public var queuedDepartures = 1024

        /// Makes settings with the defaults.
        public init() {}
    }
}
