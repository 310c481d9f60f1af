import GRIP
import GRIPPublisher
import NIOCore
import Testing

struct PublishQueueRandomWalkTests {
    @Test(arguments: 0..<200 as Range<UInt64>)
    func `nothing is delivered twice, out of order, unaccounted for or beyond the limits`(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let limits = GRIPPublisherConfiguration.QueueLimits(
            maximumItems: .random(in: 1...30, using: &random),
            maximumBytes: .random(in: 10...300, using: &random),
            overflow: Bool.random(using: &random) ? .dropNewest : .dropOldest
        )
        let batch = GRIPPublisherConfiguration.BatchLimits(maximumItems: .random(in: 1...8, using: &random))
        var queue = PublishQueue(limits: limits, batchLimits: batch)
        var made = 0
        var taken = 0
        var lost = 0
        var delivered: [Int] = []
        var sending: [Int]?

        func number(_ object: ByteBuffer) -> Int {
            object.getInteger(at: object.readerIndex, as: UInt32.self).map(Int.init) ?? -1
        }

        for _ in 0..<400 {
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<5:
                let objects = (0..<Int.random(in: 0...5, using: &random)).map { offset in
                    var object = ByteBuffer(integer: UInt32(made + offset))
                    object.writeRepeatingByte(0, count: .random(in: 0...20, using: &random))
                    return object
                }
                made += objects.count
                let admission = queue.enqueue(objects)
                if admission.refusal == nil { taken += objects.count }
                lost += admission.dropped
                if limits.overflow == .dropNewest { #expect(admission.dropped == 0) }
            case 5..<9:
                if let numbers = sending {
                    // Every fifth publication is bad, and so is every batch that has one.
                    let isBad = numbers.contains { $0 % 5 == 0 }
                    let isLost = Int.random(in: 0..<8, using: &random) == 0
                    let settlement = queue.ended(isLost ? .failed : isBad ? .refusedContent : .delivered)
                    lost += settlement.lost
                    if !isLost, !isBad { delivered += numbers }
                    if isLost { #expect(settlement.lost == numbers.count) }
                    #expect(settlement.isSplit == (!isLost && isBad && numbers.count > 1))
                    sending = nil
                } else if case .send(let batch) = queue.next() {
                    sending = batch.objects.map(number)
                }
            default:
                if Int.random(in: 0..<100, using: &random) == 0 { queue.close() }
            }
            #expect(queue.count <= limits.maximumItems)
            #expect(queue.bytes <= limits.maximumBytes)
            #expect(taken == delivered.count + lost + queue.count)
        }
        // Strictly ascending: each once, in order.
        #expect(zip(delivered, delivered.dropFirst()).allSatisfy { $0 < $1 })
        #expect(delivered.allSatisfy { $0 % 5 != 0 })
        let rest = queue.count
        #expect(queue.abandon() == rest)
        #expect(taken == delivered.count + lost + rest)
    }
}
