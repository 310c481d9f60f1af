import GRIPEngine

/// Where to say that a hold is over.
struct GoneLink {
    let target: LinkTarget
    let context: LinkContext
}
