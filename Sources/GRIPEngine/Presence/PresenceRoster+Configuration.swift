extension PresenceRoster {
    /// How long presence waits, and how much there may be of what.
    package struct Configuration: Sendable, Hashable {
        /// How long a member stays after its last connection has ended.
        package var linger: Duration
        /// How many members this instance may have on one channel, and how many it takes note of for another instance.
        package var maximumMembers: Int
        /// How many watchers there may be, of all channels.
        package var maximumWatchers: Int
        /// How many channels may be watched at once.
        package var maximumWatchedChannels: Int
        /// How many other instances it takes note of.
        package var maximumPeers: Int

        package init(
            linger: Duration = .seconds(15),
            maximumMembers: Int = 10_000,
            maximumWatchers: Int = 10_000,
            maximumWatchedChannels: Int = 1000,
            maximumPeers: Int = 1000
        ) {
            self.linger = linger
            self.maximumMembers = maximumMembers
            self.maximumWatchers = maximumWatchers
            self.maximumWatchedChannels = maximumWatchedChannels
            self.maximumPeers = maximumPeers
        }
    }

    /// How much there is of what, and what has been counted since the start.
    package struct Numbers: Sendable, Hashable {
        /// Members of this instance, on all channels.
        package var members = 0
        /// Channels that this instance has members on, or had a moment ago.
        package var channels = 0
        /// Watchers, of all channels.
        package var watchers = 0
        /// Channels that are watched, or were a moment ago.
        package var watchedChannels = 0
        /// Other instances that have been heard.
        package var peers = 0
        /// How often a member was not noted, because its channel has as many as it may.
        package var refusedMembers = 0
        /// How often a watcher was refused by a limit.
        package var refusedWatchers = 0
        /// How often a message was ignored because of how many other instances there are.
        package var ignoredMessages = 0
        /// How often other instances were asked whom they have on a channel.
        package var questions = 0

        package init() {}
    }

    /// The times of the protocol, which all instances share.
    enum Times {
        /// How often an instance says that it is there.
        static let heartbeat: Duration = .seconds(1)
        /// After what silence nobody relies on what an instance has told.
        static let suspicion: Duration = .seconds(10)
        /// After what silence an instance is lost.
        static let loss: Duration = .seconds(30)
        /// How long an instance listens before it believes that it has heard all others.
        static let listening: Duration = .milliseconds(2500)
        /// For how long changes of a channel are gathered.
        static let gathering: Duration = .milliseconds(20)
        /// For how long changes of the number of connections are gathered: those of long polls mostly undo each other.
        static let countGathering: Duration = .seconds(1)
        /// For how long questions about a channel are gathered before they are answered together.
        static let answering: Duration = .milliseconds(20)
        /// How long an answer is waited for, at first and at most.
        static let asking: ClosedRange<Duration> = .seconds(1) ... .seconds(8)
        /// Over what time questions are spread that many channels have at once.
        static let spread: Duration = .seconds(2)
        /// How long the first snapshot of a channel waits for all others.
        static let settling: Duration = .seconds(3)
        /// How long a snapshot may be incomplete before watchers are told.
        static let doubt: Duration = .seconds(3)
        /// How long a channel stays watched after its last watcher.
        static let watchLinger: Duration = .seconds(30)
        /// After what pause of this process silence is its own and not that of others.
        static let pause: Duration = .seconds(5)
    }
}
