// One import is enough for an application: the words of the protocol, the origin and its publisher come with this
// module.
@_exported public import GRIP
@_exported public import GRIPAdapter
@_exported public import GRIPProxy
@_exported public import GRIPPublisher
