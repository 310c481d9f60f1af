import GRIPEngine
import Testing

@Suite("The shares of file descriptors")
struct DescriptorSharesTests {
    @Test("Clients leave some to origins, and both leave some to publishers", arguments: [64, 256, 1024, 20_000, .max])
    func order(limit: Int) {
        let shares = DescriptorShares(limit: limit, publishers: 128)
        #expect(shares.clientCeiling < shares.clientLimit)
        #expect(shares.clientLimit < shares.originCeiling)
        #expect(shares.originCeiling < shares.limit)
        #expect(shares.limit - shares.originCeiling <= 128)
        #expect(shares.originCeiling - shares.clientCeiling <= 256)
        #expect(shares.clientCeiling >= limit / 4 * 3)
    }

    @Test("Where few are left clients are accepted one at a time, and at last not at all")
    func room() {
        let shares = DescriptorShares(limit: 64, publishers: 128)
        #expect(shares.room(next: 10) == .plenty)
        #expect(shares.room(next: shares.clientCeiling - 1) == .little)
        #expect(shares.room(next: shares.clientCeiling) == .none)
        #expect(shares.room(next: nil) == .none)
    }

    @Test("More connections than there is room for are told")
    func shortfall() {
        let shares = DescriptorShares(limit: 1024, publishers: 128)
        #expect(shares.clientCeiling == 768)
        #expect(shares.shortfall(connections: 50_000, next: 20) == 748)
        #expect(shares.shortfall(connections: 748, next: 20) == nil)
        #expect(shares.shortfall(connections: 1, next: nil) == 0)
    }

    @Test("The parts are as configured, and never all")
    func parts() {
        let shares = DescriptorShares(limit: 1000, publishers: 500, publisherPart: 4, originPart: 10)
        #expect(shares.originCeiling == 750)
        #expect(shares.clientCeiling == 650)
        let least = DescriptorShares(limit: 1000, publishers: 500, publisherPart: 0, originPart: -1)
        #expect(least.originCeiling == 750)
        #expect(least.clientCeiling == 500)
        #expect(
            DescriptorShares(limit: 1000, publishers: 500, publisherPart: 1000, originPart: 1000).clientCeiling == 998
        )
    }

    @Test("Limits that no process can live with do not trap", arguments: 0...16)
    func tiny(limit: Int) {
        let shares = DescriptorShares(limit: limit, publishers: 128)
        #expect(shares.clientCeiling <= limit)
        #expect(shares.room(next: limit) == .none)
    }
}
