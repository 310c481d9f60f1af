import Foundation
import Hummingbird
import HummingbirdCore
import NIOCore
import Testing

@testable import HummingbirdGRIP

@Suite("What a program tells when it ends")
struct ProgramTests {
    @Test("Errors of this package have a sentence and a status")
    func failures() throws {
        let url = GRIPProgram.failure(for: GRIPConfigurationError(key: "grip.verifyKey", reason: "it is no key"))
        #expect(
            url.description
                == "The environment variable GRIP_VERIFY_KEY cannot be used: grip.verifyKey: it is no key"
        )
        #expect(url.status.code == 78)
        #expect(GRIPProgram.failure(for: GRIPError(.key, "empty")).status.code == 78)
        let own = GRIPProgram.Failure("no\nnews", status: .usage)
        #expect(GRIPProgram.failure(for: own) == GRIPProgram.Failure("no news", status: .usage))
        #expect(GRIPProgram.failure(for: CancellationError()).status.code == 1)
    }

    @Test("The address of an application can be told")
    func addresses() {
        #expect(BindAddress.hostname("::1", port: 80).listener == .tcp(host: "::1", port: 80))
        #expect(BindAddress.unixDomainSocket(path: "/a/b").listener == .unixDomainSocket(path: "/a/b"))
    }

    @Test("Errors of other services are not about the address")
    func otherErrors() {
        let listener = GRIPListener.tcp(host: "127.0.0.1", port: 80)
        #expect(listener.failure(IOError(errnoCode: EADDRINUSE, reason: "bind")) != nil)
        #expect(listener.failure(IOError(errnoCode: EACCES, reason: "connect")) == nil)
        #expect(listener.failure(CancellationError()) == nil)
        #expect(throws: GRIPListenError.self) { try GRIPListener.tcp(host: "a", port: 65536).check() }
    }
}
