import Foundation
import Testing

@testable import GRIP

@Suite struct Base64Tests {
    @Test(arguments: [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
        ("foobar", "Zm9vYmFy"),
    ])
    func theVectorsOfTheRFCHold(plain: String, encoded: String) {
        #expect(Base64.encode(Array(plain.utf8)) == Array(encoded.utf8))
        #expect(Base64.decode(encoded.utf8) == Array(plain.utf8))
        #expect(Base64.decodeLeniently(encoded.utf8) == Array(plain.utf8))
    }

    @Test func encodingAgreesWithFoundation() {
        var generator = SplitMix64(seed: 64)
        for length in 0..<200 {
            let bytes = (0..<length).map { _ in UInt8.random(in: 0...255, using: &generator) }
            let encoded = Base64.encode(bytes)
            #expect(String(decoding: encoded, as: UTF8.self) == Data(bytes).base64EncodedString())
            #expect(Base64.decode(encoded) == bytes)
            #expect(Base64.decodeLeniently(encoded) == bytes)
        }
    }

    @Test(arguments: ["-_-_", "+/+/", "-/+_", " +/\n+/\t\r"])
    func bothAlphabetsAndBlanksAreDecoded(text: String) {
        #expect(Base64.decode(text.utf8) == [0xFB, 0xFF, 0xBF])
    }

    @Test(arguments: ["Zg", "Zg==", "Zg= ="])
    func paddingMayBeMissing(text: String) {
        #expect(Base64.decode(text.utf8) == Array("f".utf8))
    }

    @Test(arguments: [
        "Z", "Zg=", "Zg===", "=", "====", "Zm9v=", "Zm8==", "Zh==", "Zm9=", "Zg==Zg==", "Zm!v", "Z:::", "é",
    ])
    func whatIsNotBase64IsNothing(text: String) {
        #expect(Base64.decode(text.utf8) == nil)
    }

    @Test(arguments: [
        ("Zm9vYg", "foob"), ("Zm9vYmE", "fooba"), ("Z!m@9#v", "foo"), ("Zm9v=Zm9v", "foofoo"), ("Z", ""), ("!", ""),
        ("Zm9vZ", "foo"), ("Zm-9v_", "foo"),
    ])
    func proxiesSkipWhatIsNotOfTheAlphabet(text: String, plain: String) {
        #expect(Base64.decodeLeniently(text.utf8) == Array(plain.utf8))
    }
}
