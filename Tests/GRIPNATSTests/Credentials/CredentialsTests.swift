import Crypto
import GRIP
import GRIPNATS
import Testing

@Suite("Keys and credentials")
struct CredentialsTests {
    // From the documentation of NATS.
    private static let seed = "SUACSSL3UAHUDXKFSNVUZRF5UHPMWZ6BFDTJ7M6USDXIEDNPPQYYYCU3VY"
    private static let publicKey = "UDXU4RCSJNZOIQHZNWXHXORDPRTGNJAHAHFRGZNEEJCPQTT2M7NLCNF4"

    private static func file(jwt: String = "eyJ0.eyJq.s-_g", seed: String = Self.seed, newline: String = "\n") -> String
    {
        """
        -----BEGIN NATS USER JWT-----
        \(jwt)
        ------END NATS USER JWT------

        ************************* IMPORTANT *************************
        NKEY Seed printed below can be used to sign and prove identity.
        NKEYs are sensitive and should be treated as secrets.

        -----BEGIN USER NKEY SEED-----
        \(seed)
        ------END USER NKEY SEED------

        *************************************************************

        """.replacing("\n", with: newline)
    }

    @Test func theKeyOfTheDocumentation() throws {
        let key = try NATSKey(seed: GRIPSecret(Self.seed))
        #expect(key.publicKey == Self.publicKey)
        #expect(key.role == .user)
        #expect(key.seed.text == Self.seed)
    }

    @Test func whatIsSignedCanBeVerified() throws {
        for role in NATSKey.Role.allCases {
            let key = NATSKey(role: role)
            let again = try NATSKey(seed: key.seed)
            #expect(again.publicKey == key.publicKey && again.role == role)
            let signature = try again.signature(of: "nonce")
            #expect(!signature.contains { "+/=".contains($0) })
            let bytes = try #require(Base64.decode(signature.utf8))
            #expect(bytes.count == 64)
        }
        #expect(NATSKey(role: .user).publicKey.hasPrefix("U"))
        #expect(NATSKey(role: .account).publicKey.hasPrefix("A"))
        #expect(NATSKey(role: .operator).publicKey.hasPrefix("O"))
    }

    @Test(arguments: [
        "", "SU", "SUACSSL3UAHUDXKFSNVUZRF5UHPMWZ6BFDTJ7M6USDXIEDNPPQYYYCU3VZ",
        "SUACSSL3UAHUDXKFSNVUZRF5UHPMWZ6BFDTJ7M6USDXIEDNPPQYYYCU3V",
        "suacssl3uahudxkfsnvuzrf5uhpmwz6bfdtj7m6usdxiednppqyyycu3vy",
        "UDXU4RCSJNZOIQHZNWXHXORDPRTGNJAHAHFRGZNEEJCPQTT2M7NLCNF4",
        "SUACSSL3UAHUDXKFSNVUZRF5UHPMWZ6BFDTJ7M6USDXIEDNPPQYYYCU3VYA",
    ])
    func badSeeds(seed: String) {
        let error = #expect(throws: GRIPNATSError.self) { try NATSKey(seed: GRIPSecret(seed)) }
        #expect(error?.code == .credentials)
        if seed.utf8.count > 4 { #expect(error?.reason.contains(seed) == false) }
    }

    /// A server takes the signature of a user's key only.
    @Test(arguments: [NATSKey.Role.account, .operator])
    func seedsOfOtherKeys(role: NATSKey.Role) {
        let seed = NATSKey(role: role).seed
        let direct = #expect(throws: GRIPNATSError.self) { try GRIPNATSCredentials.key(seed: seed) }
        let file = #expect(throws: GRIPNATSError.self) { try GRIPNATSCredentials(file: Self.file(seed: seed.text)) }
        for error in [direct, file] {
            #expect(error?.code == .credentials)
            #expect(error?.reason.contains("\(role)") == true && error?.reason.contains("SU") == true)
            #expect(error?.reason.contains(seed.text) == false)
        }
    }

    @Test(arguments: ["\n", "\r\n"])
    func aCredentialsFile(newline: String) throws {
        let credentials = try GRIPNATSCredentials(file: Self.file(newline: newline))
        guard case .jwt(let jwt, let key) = credentials.material else {
            Issue.record("no JWT")
            return
        }
        #expect(jwt.text == "eyJ0.eyJq.s-_g")
        #expect(key.publicKey == Self.publicKey)
        let authorization = try credentials.authorization(nonce: "n")
        #expect(authorization == .jwt(jwt, signature: try key.signature(of: "n")))
    }

    @Test(arguments: [
        "", "text", Self.file(jwt: "no token"), Self.file(jwt: ""), Self.file(seed: "SUAB"), Self.file(seed: ""),
        String(Self.file().prefix(100)), Self.file(jwt: "a.b"), Self.seed,
    ])
    func badFiles(text: String) {
        let error = #expect(throws: GRIPNATSError.self) { try GRIPNATSCredentials(file: text) }
        #expect(error?.code == .credentials)
    }

    @Test func aServerWithoutANonceKnowsNoKeys() throws {
        let credentials = try GRIPNATSCredentials.key(seed: GRIPSecret(Self.seed))
        let error = #expect(throws: GRIPNATSError.self) { try credentials.authorization(nonce: nil) }
        #expect(error?.code == .authorization)
        #expect(try GRIPNATSCredentials.token("t").authorization(nonce: nil) == .token("t"))
        #expect(try GRIPNATSCredentials.user("u", password: "p").authorization(nonce: nil) == .user("u", password: "p"))
    }

    @Test func nothingShowsASecret() throws {
        let secret = GRIPSecret("hunter2")
        let all: [GRIPNATSCredentials] = [
            .user("me", password: secret), .token(secret), try .key(seed: GRIPSecret(Self.seed)),
            try GRIPNATSCredentials(file: Self.file()),
        ]
        for credentials in all {
            var dumped = ""
            dump(credentials, to: &dumped)
            dump(credentials.material, to: &dumped)
            let texts = ["\(credentials)", String(reflecting: credentials), "\(credentials.material)", dumped]
            for text in texts {
                for word in ["hunter2", "SUAC", "eyJ"] { #expect(!text.contains(word), "\(text)") }
            }
        }
        var dumped = ""
        dump(secret, to: &dumped)
        #expect(!dumped.contains("hunter2") && !"\(secret)\(String(reflecting: secret))".contains("hunter2"))
    }
}
