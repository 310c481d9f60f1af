import GRIP
import GRIPSignature
import Testing

@Suite("Tokens of an attacker")
struct HostileTokenTests {
    private static let good = [PyJWTTokens.hs256, PyJWTTokens.manyClaims, PyJWTTokens.es256, PyJWTTokens.rs256]

    private static func verifier(cacheCapacity: Int) throws -> GRIPSignatureVerifier {
        let keys = try ["changeme", ECKeys.publicSPKI, RSAKeys.publicSPKI].map { try GRIPTrustedKey(GRIPKey($0)) }
        let verifier = GRIPSignatureVerifier(keys: keys, cacheCapacity: cacheCapacity)
        for token in Self.good { try verifier.verify(token, now: .reference) }
        return verifier
    }

    private static func mutated(_ token: String, _ random: inout SplitMix64) -> String {
        var scalars = Array(token.unicodeScalars)
        let alphabet = Array("ABCKZabckz0189-_+/=. \n\u{0}\u{7F}\u{80}é\u{212A}\u{301}\u{200B}🎈\"{}".unicodeScalars)
        for _ in 0...Int.random(in: 0..<3, using: &random) {
            guard !scalars.isEmpty else { break }
            let position = Int.random(in: 0..<scalars.count, using: &random)
            let other = Int.random(in: 0..<scalars.count, using: &random)
            switch Int.random(in: 0..<8, using: &random) {
            case 0, 1: scalars[position] = alphabet.randomElement(using: &random)!
            case 2: scalars.insert(alphabet.randomElement(using: &random)!, at: position)
            case 3: scalars.remove(at: position)
            case 4: scalars.swapAt(position, other)
            case 5: scalars.removeSubrange(min(position, other)..<max(position, other))
            case 6: scalars.insert(contentsOf: scalars[min(position, other)..<max(position, other)], at: position)
            // The next letter in the alphabet, which for the last letter may be a twin.
            default: scalars[position] = Unicode.Scalar((scalars[position].value + 1) % 128)!
            }
        }
        var text = String.UnicodeScalarView()
        text.append(contentsOf: scalars)
        return String(text)
    }

    @Test("Mutated tokens are refused, with and without a cache", arguments: [0, 1024], [UInt64(1), 2])
    func mutations(cacheCapacity: Int, seed: UInt64) throws {
        let verifier = try Self.verifier(cacheCapacity: cacheCapacity)
        var random = SplitMix64(seed: seed)
        for _ in 0..<4000 {
            let original = Self.good.randomElement(using: &random)!
            let token = Self.mutated(original, &random)
            let isSame = Self.good.contains { $0.utf8.elementsEqual(token.utf8) }
            let isAccepted = verifier.refusal(of: token) == nil
            #expect(isAccepted == isSame, "\(token)")
        }
    }

    @Test("Parts of several tokens make none", arguments: [0, 1024])
    func splices(cacheCapacity: Int) throws {
        let verifier = try Self.verifier(cacheCapacity: cacheCapacity)
        let parts = Self.good.map { $0.split(separator: ".").map(String.init) }
        for header in parts {
            for claims in parts {
                for signature in parts {
                    let token = "\(header[0]).\(claims[1]).\(signature[2])"
                    #expect((verifier.refusal(of: token) == nil) == Self.good.contains(token))
                }
            }
        }
    }

    @Test("Random text, random parts and random JSON are refused", arguments: [UInt64(3), 4])
    func noise(seed: UInt64) throws {
        let verifier = try Self.verifier(cacheCapacity: 1024)
        var random = SplitMix64(seed: seed)
        let words = [
            "{", "}", "[", "]", ":", ",", "\"alg\"", "\"HS256\"", "\"ES256\"", "\"RS256\"", "\"none\"", "\"exp\"",
            "4102444800", "-1", "1e999", "null", "true", "\"crit\"", "\"\\u0000\"", "\"\\ud800\"", "\"", "\\", " ",
        ]
        func bytes(_ bound: Int) -> [UInt8] {
            (0..<Int.random(in: 0..<bound, using: &random)).map { _ in UInt8.random(in: .min ... .max, using: &random) }
        }
        func json() -> [UInt8] {
            let count = Int.random(in: 0..<12, using: &random)
            return (0..<count).flatMap { _ in Array(words.randomElement(using: &random)!.utf8) }
        }
        for _ in 0..<3000 {
            let header = Forge.base64URL(json())
            let algorithm = words[6...10].randomElement(using: &random)!
            let known = Forge.base64URL(Array("{\"alg\":\(algorithm)}".utf8))
            for token in [
                String(decoding: bytes(400), as: UTF8.self),
                "\(Forge.base64URL(bytes(40))).\(Forge.base64URL(bytes(40))).\(Forge.base64URL(bytes(80)))",
                "\(header).\(Forge.base64URL(json())).\(Forge.base64URL(bytes(80)))",
                "\(known).\(Forge.base64URL(json())).\(Forge.base64URL(bytes(80)))",
            ] {
                #expect(verifier.refusal(of: token) != nil)
            }
        }
    }

    @Test("Signed claims of random JSON never crash")
    func signedNoise() throws {
        let verifier = try GRIPSignatureVerifier("changeme")
        var random = SplitMix64(seed: 5)
        let values = [
            "0", "-0", "1e5", "4102444800", "1e308", "-1e308", "1e-400", "9223372036854775807", "-9223372036854775808",
            "99999999999999999999", "999999999999999.9", "1e15", "\"\"", "null", "[]", "{}", "true", "\"\\u0000\"",
        ]
        for _ in 0..<2000 {
            let members = ["exp", "nbf", "iss", "exp"].map { "\"\($0)\":\(values.randomElement(using: &random)!)" }
            let token = Forge.hs256(claims: "{\(members.shuffled(using: &random).joined(separator: ","))}")
            for now in [GRIPTimestamp.reference, 0, -1, .init(secondsSince1970: .min), .init(secondsSince1970: .max)] {
                _ = verifier.refusal(of: token, now: now)
            }
        }
    }

    @Test("The twins of a signature, which decode to the same bytes elsewhere, are refused", arguments: good)
    func twins(token: String) throws {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
        let parts = token.split(separator: ".")
        for capacity in [0, 1024] {
            let verifier = try Self.verifier(cacheCapacity: capacity)
            let last = try #require(alphabet.firstIndex(of: token.last!))
            let unused = parts[2].utf8.count % 4 == 2 ? 16 : 4
            #expect(last % unused == 0)
            for offset in 1..<unused {
                #expect(verifier.refusal(of: "\(token.dropLast())\(alphabet[last + offset])") == .malformed)
            }
            for ending in ["=", "==", "A", "AA", " ", "\n", "%3D", "\u{0}", "."] {
                #expect(verifier.refusal(of: token + ending) != nil, "\(ending)")
            }
            // The other alphabet.
            let other = parts[2].replacing("-", with: "+").replacing("_", with: "/")
            let isTwin = other != parts[2]
            #expect(verifier.refusal(of: "\(parts[0]).\(parts[1]).\(other)") == (isTwin ? .malformed : nil))
        }
    }
}
