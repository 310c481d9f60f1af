import GRIP
import NIOCore

/// A filter that the engine has.
enum KnownFilter: String, Sendable, Hashable, CaseIterable {
    case skipSelf = "skip-self"
    case skipUsers = "skip-users"
    case requireSubscription = "require-sub"
    case buildID = "build-id"
    case substituteVariables = "var-subst"

    init?(_ filter: GRIPFilter) { self.init(rawValue: filter.name) }

    /// Whether the filter changes what is published.
    var changesContent: Bool {
        switch self {
        case .buildID, .substituteVariables: true
        case .skipSelf, .skipUsers, .requireSubscription: false
        }
    }

    func apply(to content: ByteBuffer, _ context: FilterContext) -> FilterOutcome {
        switch self {
        case .skipSelf: Self.isFromSelf(context) ? .dropped : .unchanged
        case .skipUsers: Self.skipsUser(context) ? .dropped : .unchanged
        case .requireSubscription: Self.lacksSubscription(context) ? .dropped : .unchanged
        case .buildID:
            Self.render(content) { (content: ByteBuffer) throws(TemplateError) in
                try IDBuilder(context).render(content)
            }
        case .substituteVariables:
            Self.render(content) { (content: ByteBuffer) throws(TemplateError) in
                try VariableSubstitution(values: context.subscriptionMeta).render(content)
            }
        }
    }

    private static func isFromSelf(_ context: FilterContext) -> Bool {
        guard let user = context.subscriptionMeta["user"], !user.isEmpty else { return false }
        return context.publicationMeta["sender"]?.hasSameBytes(as: user) ?? false
    }

    private static func skipsUser(_ context: FilterContext) -> Bool {
        guard let user = context.subscriptionMeta["user"], !user.isEmpty,
            let skipped = context.publicationMeta["skip_users"]
        else { return false }
        return skipped.utf8.split(separator: .comma).contains { name in
            Substring(name).trimmingASCIIWhitespace().utf8.elementsEqual(user.utf8)
        }
    }

    private static func lacksSubscription(_ context: FilterContext) -> Bool {
        guard let channel = context.publicationMeta["require_sub"], !channel.isEmpty else { return false }
        return !context.isSubscribed(channel)
    }

    private static func render(
        _ content: ByteBuffer,
        _ render: (ByteBuffer) throws(TemplateError) -> ByteBuffer?
    ) -> FilterOutcome {
        do throws(TemplateError) {
            return try render(content).map(FilterOutcome.replaced) ?? .unchanged
        } catch {
            return .failed(error.description)
        }
    }
}
