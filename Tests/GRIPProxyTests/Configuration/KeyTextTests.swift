import GRIP
import GRIPProxy
import GRIPPublisher
import Testing

@Suite("Keys in a configuration")
struct KeyTextTests {
    private static func read(_ text: String, in folder: String? = nil) throws -> GRIPKey {
        try KeyText.key(text, folder: folder)
    }

    @Test("A file holds a key in any of its forms, a secret as hexadecimal digits")
    func files() throws {
        let pem = "-----BEGIN PUBLIC KEY-----\nMFkw\n-----END PUBLIC KEY-----"
        let jwk = #"{"kty":"oct","k":"c2VjcmV0"}"#
        let files = ["hex": "736563\n", "b64": "base64:c2VjcmV0\n", "pem": "\(pem)\n", "jwk": jwk]
        try withFiles(files) { folder throws in
            #expect(try Self.read("file:hex", in: folder) == GRIPKey(secret: [0x73, 0x65, 0x63]))
            #expect(try Self.read("file:b64", in: folder) == GRIPKey("secret"))
            #expect(try Self.read("file:pem", in: folder) == GRIPKey(pem))
            #expect(try Self.read("file:\(folder)/jwk") == GRIPKey(jwk))
        }
    }

    @Test("A byte-order mark is no part of a key or a token")
    func byteOrderMark() throws {
        let pem = "-----BEGIN PUBLIC KEY-----\nMFkw\n-----END PUBLIC KEY-----"
        let jwk = #"{"kty":"oct","k":"c2VjcmV0"}"#
        let files = ["hex": "736563", "b64": "base64:c2VjcmV0", "pem": pem, "jwk": jwk, "token": "abc\r\n"]
        try withFiles(files.mapValues { "\u{FEFF}\($0)" }) { folder throws in
            #expect(try Self.read("file:hex", in: folder) == GRIPKey(secret: [0x73, 0x65, 0x63]))
            #expect(try Self.read("file:b64", in: folder) == GRIPKey("secret"))
            #expect(try Self.read("file:pem", in: folder) == GRIPKey(pem))
            #expect(try Self.read("file:jwk", in: folder) == GRIPKey(jwk))
            #expect(try SecretText.secret("file:token", folder: folder) == "abc")
        }
        #expect(try Self.read("\u{FEFF}base64:c2VjcmV0") == GRIPKey("secret"))
    }

    @Test("A key that is no file is itself")
    func values() throws {
        #expect(try Self.read("changeme") == GRIPKey("changeme"))
        #expect(try Self.read("base64:c2VjcmV0") == GRIPKey("secret"))
        #expect(try SecretText.secret("token", folder: nil) == "token")
    }

    @Test("A token in a file loses the line end")
    func token() throws {
        try withFiles(["token": "  abc\n"]) { folder throws in
            #expect(try SecretText.secret("file:token", folder: folder) == "abc")
        }
    }

    @Test(
        "A file that holds no key is refused without showing what it holds",
        arguments: ["", " \n", "s3cr3t", "abc", "base64:s3cr3t!"]
    )
    func badFiles(content: String) throws {
        try withFiles(["key": content]) { folder throws in
            let error = try #require(throws: InvalidValue.self) { try KeyText.key("file:key", folder: folder) }
            #expect(!error.reason.contains("s3cr3t"))
        }
    }

    @Test("A file that is not there, is a folder or has no end is refused")
    func unreadableFiles() throws {
        try withFiles([:]) { folder throws in
            for path in ["nothing", ".", "/dev/zero"] {
                #expect(throws: InvalidValue.self) { try KeyText.key("file:\(path)", folder: folder) }
            }
        }
    }
}
