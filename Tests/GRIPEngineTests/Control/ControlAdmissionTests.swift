import GRIP
import GRIPEngine
import Testing

@Suite("Which connections the control API has")
struct ControlAdmissionTests {
    @Test("Strangers make room for others, the oldest first; publishers do not")
    func strangers() {
        var admission = ControlAdmission(maximum: 3)
        #expect((0..<3).map { _ in admission.add() } == [.admitted(1), .admitted(2), .admitted(3)])
        admission.trust(1)
        #expect(admission.add() == .admittedInstead(4, of: 2))
        #expect(admission.add() == .admittedInstead(5, of: 3))
        admission.trust(4)
        admission.trust(5)
        #expect(admission.add() == .refused)
        #expect(admission.count == 3)
        admission.remove(4)
        #expect(admission.add() == .admitted(6))
        // Those that were told to close are gone already.
        admission.remove(2)
        admission.trust(3)
        #expect(admission.add() == .admittedInstead(7, of: 6))
        #expect(admission.count == 3)
    }

    @Test("There are never more than there may be, and a stranger always makes room", arguments: 0..<4 as Range<UInt64>)
    func walk(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var admission = ControlAdmission(maximum: 8)
        var strangers: [UInt64] = []
        var publishers: [UInt64] = []
        for _ in 0..<5000 {
            switch Int.random(in: 0..<4, using: &random) {
            case 0, 1:
                switch admission.add() {
                case .admitted(let id):
                    #expect(strangers.count + publishers.count < 8)
                    strangers.append(id)
                case .admittedInstead(let id, let former):
                    #expect(strangers.count + publishers.count == 8)
                    #expect(strangers.first == former)
                    strangers.removeFirst()
                    strangers.append(id)
                case .refused: #expect(strangers.isEmpty && publishers.count == 8)
                }
            case 2:
                guard let id = strangers.randomElement(using: &random) else { continue }
                strangers.removeAll { $0 == id }
                publishers.append(id)
                admission.trust(id)
            default:
                guard let id = (strangers + publishers).randomElement(using: &random) else { continue }
                strangers.removeAll { $0 == id }
                publishers.removeAll { $0 == id }
                admission.remove(id)
            }
            #expect(admission.count == strangers.count + publishers.count)
        }
    }
}
