/// Why a template cannot be rendered.
///
/// Nothing of the template is in it, which may be what was published.
enum TemplateError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The template ends inside the directive at this byte.
    case unfinished(at: Int)
    /// After a `%` comes nothing that makes a directive.
    case malformed(at: Int)
    /// The directive is longer than any that makes sense.
    case tooLong(at: Int)
    /// There is no directive with this letter.
    case unknownDirective(at: Int)
    /// The directive needs a text in parentheses.
    case noArgument(at: Int)
    /// There is no variable of this name.
    case unknownVariable(at: Int)
    /// The id that the directive stands for is not known.
    case noID(at: Int)
    /// What the template becomes is too large.
    case tooLarge
    /// The subscription's meta lacks the format of ids.
    case noIDFormat
    /// The subscription's meta names an unknown encoding of ids.
    case unknownIDEncoding

    var description: String {
        switch self {
        case .unfinished(let position): "the directive at byte \(position) is not finished"
        case .malformed(let position): "there is no directive after the '%' at byte \(position)"
        case .tooLong(let position): "the directive at byte \(position) is too long"
        case .unknownDirective(let position): "the directive at byte \(position) is unknown"
        case .noArgument(let position): "the directive at byte \(position) needs a name in parentheses"
        case .unknownVariable(let position): "the directive at byte \(position) names an unknown variable"
        case .noID(let position): "the id for the directive at byte \(position) cannot be made from 'id_format'"
        case .tooLarge: "the result is too large"
        case .noIDFormat: "the subscription has no meta 'id_format'"
        case .unknownIDEncoding: "the meta 'id_encoding' is not 'hex'"
        }
    }
}
