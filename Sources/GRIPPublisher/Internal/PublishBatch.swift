import GRIP
package import NIOCore

/// Publications, as JSON objects, that go into one request.
package struct PublishBatch: Sendable {
    package let objects: [ByteBuffer]

    package var count: Int { self.objects.count }
    package var body: ByteBuffer { GRIPPublication.json(joining: self.objects) }
}

extension GRIPPublisherConfiguration.BatchLimits {
    /// The bytes of `{"items":[` and `]}`.
    package static let envelope = 12

    /// How large a request with a single publication is.
    package static func requestBytes(of object: ByteBuffer) -> Int { Self.envelope + object.readableBytes }

    /// How many of the first publications go into one request: at least one, if there is one.
    package func batchLength(of objects: some Collection<ByteBuffer>) -> Int {
        var count = 0
        var bytes = Self.envelope
        for object in objects {
            bytes += object.readableBytes + (count == 0 ? 0 : 1)
            guard count == 0 || (count < self.maximumItems && bytes <= self.maximumBytes) else { break }
            count += 1
        }
        return count
    }

    /// All publications in as few requests as their order allows.
    package func batches(of objects: [ByteBuffer]) -> [PublishBatch] {
        var batches: [PublishBatch] = []
        var rest = objects[...]
        while !rest.isEmpty {
            let count = self.batchLength(of: rest)
            batches.append(PublishBatch(objects: Array(rest.prefix(count))))
            rest = rest.dropFirst(count)
        }
        return batches
    }
}
