internal import HTTPTypes
internal import NIOCore
