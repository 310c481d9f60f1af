/// Something a proxy says it can do (`Grip-Feature`).
public struct GRIPFeature: Sendable, Hashable, CustomStringConvertible {
    /// The name on the wire.
    public let name: String

    /// Names a feature.
    ///
    /// - Parameter name: The name on the wire.
    public init(_ name: String) { self.name = name }

    /// `Grip-Status` is understood.
    public static let status = GRIPFeature("status")
    /// Sessions are kept by the proxy.
    public static let session = GRIPFeature("session")
    /// Next links are followed.
    public static let linkNext = GRIPFeature("link:next")
    /// Gone links are posted to.
    public static let linkGone = GRIPFeature("link:gone")

    /// A filter is known.
    ///
    /// - Parameter filter: The filter.
    /// - Returns: The feature of knowing it.
    public static func filter(_ filter: GRIPFilter) -> GRIPFeature { GRIPFeature("filter:\(filter.name)") }

    /// How many channels a connection may have; the proxy leaves out the rest.
    ///
    /// The proxies of this package announce it; other proxies do not.
    ///
    /// - Parameter limit: How many channels.
    /// - Returns: The feature of taking as many.
    public static func channels(_ limit: Int) -> GRIPFeature { GRIPFeature("\(Self.channelsPrefix)\(limit)") }

    static let channelsPrefix = "channels:"

    /// The name on the wire.
    public var description: String { self.name }

    /// How many channels a connection may have, as `Grip-Feature` headers say it.
    static func channelLimit(in lines: [String]) -> Int? {
        for element in FieldParameters.elements(of: lines) where element.hasPrefix(Self.channelsPrefix) {
            if let limit = Int(element.dropFirst(Self.channelsPrefix.count)), limit > 0 { return limit }
        }
        return nil
    }

    /// Reads `Grip-Feature` headers, with or without blanks after the commas.
    static func parse(_ lines: [String]) -> Set<GRIPFeature> {
        Set(FieldParameters.elements(of: lines).filter { !$0.isEmpty }.map { GRIPFeature(String($0)) })
    }
}
