import GRIPProxy
import Testing

@Suite("Listeners")
struct GRIPListenerTests {
    @Test("An address reads as users write it")
    func description() {
        #expect(GRIPListener.tcp(host: "127.0.0.1", port: 80).description == "127.0.0.1:80")
        #expect(GRIPListener.tcp(host: "::1", port: 80).description == "[::1]:80")
        #expect(GRIPListener.unixDomainSocket(path: "/run/grip.sock").description == "unix:/run/grip.sock")
    }
}
