import Crypto
import GRIP
import GRIPSignature
import NIOCore

/// What the proxy signs, and whom it trusts.
enum SignatureScenarios {
    static let all: [GRIPConformanceScenario] = [signature, claims] + forgeries

    private static let signature = GRIPConformanceScenario(
        "request.signature",
        "Requests are signed for an hour, by the issuer",
        .must
    ) { scene in
        let page = scene.page(.response(OriginResponse()))
        _ = try await scene.fetch("GET", page.path)
        let token = try require("Grip-Sig", try await page.request().fields["Grip-Sig"])
        let key = try GRIPTrustedKey(scene.target.key, issuer: scene.target.issuer)
        do {
            let verified = try GRIPSignatureVerifier(keys: [key]).verify(token)
            let left = verified.expiry.secondsSince1970 - GRIPTimestamp.now.secondsSince1970
            try expect("an hour until exp", (3500...3700).contains(left), observed: "\(left) s")
        } catch let error as GRIPSignatureError {
            throw GRIPConformanceFailure(expected: "a signature that verifies", observed: "\(error): \(token)")
        }
    }

    private static let claims = GRIPConformanceScenario(
        "request.signature.claims",
        "A signature has the claims exp and iss, and no other",
        .should
    ) { scene in
        let page = scene.page(.response(OriginResponse()))
        _ = try await scene.fetch("GET", page.path)
        let token = try require("Grip-Sig", try await page.request().fields["Grip-Sig"])
        let parts = token.split(separator: ".").map { Base64.decode($0.utf8) ?? [] }
        try expect("the parts of the token", parts.count, is: 3)
        let claims = try JSONValue(parsing: ByteBuffer(bytes: parts[1]))
        let names = claims.object?.members.map(\.key).sorted() ?? []
        try expect("the claims' names", names, is: ["exp", "iss"])
        try expect("iss", claims["iss"]?.string, is: scene.target.issuer)
        guard case .integer = claims["exp"] else {
            throw GRIPConformanceFailure(expected: "an integer as exp", observed: "\(claims)")
        }
    }

    /// Signatures that any client could make; none of them makes it a proxy.
    private static let forgeries: [GRIPConformanceScenario] = [
        forgery("empty-secret", "with an empty secret", #"{"typ":"JWT","alg":"HS256"}"#, secret: []),
        forgery(
            "known-secret",
            "with an obvious secret",
            #"{"typ":"JWT","alg":"HS256"}"#,
            secret: Array("secret".utf8)
        ),
        forgery("no-algorithm", "with no algorithm", #"{"typ":"JWT","alg":"none"}"#, secret: nil),
    ]

    private static func forgery(
        _ name: String,
        _ how: String,
        _ header: String,
        secret: [UInt8]?
    ) -> GRIPConformanceScenario {
        .init("request.forged.\(name)", "A client that signs \(how) is not trusted", .must) { scene in
            let page = scene.page(.response(OriginResponse(200, ["Grip-Foo": "bar"], body: "b")))
            let expiry = Int(GRIPTimestamp.now.secondsSince1970) + 3600
            let claims = #"{"iss":"\#(scene.target.issuer)","exp":\#(expiry)}"#
            let message = [header, claims].map { base64URL(Array($0.utf8)) }.joined(separator: ".")
            let code = secret.map {
                Array(HMAC<SHA256>.authenticationCode(for: Array(message.utf8), using: SymmetricKey(data: $0)))
            }
            let token = "\(message).\(base64URL(code ?? []))"
            let forged: HeaderList = ["Grip-Sig": token, "Grip-Last": "forged; last-id=1"]
            let response = try await scene.fetch("GET", page.path, forged)
            let fields = try await page.request().fields
            try expect("no forged signature", !fields.all("Grip-Sig").contains(token), observed: "it")
            try expect("Grip-Last", fields["Grip-Last"], is: nil)
            try expect("Grip-Foo at the client", response.fields["Grip-Foo"], is: nil)
        }
    }

    private static func base64URL(_ bytes: [UInt8]) -> String {
        String(decoding: Base64.encode(bytes), as: UTF8.self)
            .replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }
}
