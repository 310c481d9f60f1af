import GRIP

/// The channels of a bus that instances use among themselves for presence.
///
/// Their names begin with a control character, which no channel name of a handler has.
package enum PresenceBusChannel {
    /// What the names begin with.
    package static let prefix = "\u{1}grip-presence/"
    /// What all instances hear that have members or watchers.
    package static let all = prefix + "all"
    private static let changes = prefix + "c/"

    /// What the instances hear that watch a channel.
    package static func changes(of channel: String) -> String { self.changes + channel }

    /// Whether a name is reserved, so that nobody may subscribe or publish to it.
    package static func isReserved(_ name: String) -> Bool { name.hasBytePrefix(self.prefix) }

    /// The channel that a name is about, or `nil` where it is none of ``changes(of:)``.
    package static func channel(of name: String) -> String? {
        guard name.hasBytePrefix(self.changes) else { return nil }
        return String(Substring(name.utf8.dropFirst(self.changes.utf8.count)))
    }
}
