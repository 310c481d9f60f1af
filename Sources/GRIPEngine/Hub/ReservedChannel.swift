/// The names of channels that instances use among themselves.
///
/// Instances tell each other of these channels over their bus. Nobody else gets on them what other instances publish, and
/// what anybody else publishes to them stays within its own instance.
package enum ReservedChannel {
    /// How all of these names begin.
    package static let prefix = "\u{1}grip-presence/"

    /// Whether a channel is one of them.
    package static func contains(_ name: String) -> Bool {
        // No other name begins with such a byte, so that for nearly all this is enough.
        name.utf8.first == 1 && name.utf8.starts(with: Self.prefix.utf8)
    }
}
