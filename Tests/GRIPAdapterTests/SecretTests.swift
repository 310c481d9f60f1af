import GRIP
import GRIPAdapter
import GRIPPublisher
import Testing

@Suite("Nothing that is printed of an application's side holds a secret")
struct SecretTests {
    @Test(
        "Configurations, the origin and its publisher",
        arguments: [
            "http://u:sesame@127.0.0.1:1", "http://127.0.0.1:1?key=sesame", "http://127.0.0.1:1?iss=i&key=sesame",
            "http://127.0.0.1:1?verify-key=sesame", "http://127.0.0.1:1/p?Fastly-Key=sesame",
            "http://127.0.0.1:1?iss=i&key=base64:c2VzYW1l",
        ]
    )
    func dumps(url: String) throws {
        var configuration = try GRIPConfiguration(url: url)
        configuration.verifyKey = try GRIPKey("sesame")
        let publisher = GRIPPublisherConfiguration(proxies: configuration.proxies)
        let values: [Any] = [
            configuration, publisher, configuration.proxies, configuration.proxies.map(\.controlURI),
            try GRIPOrigin(configuration), try GRIPHTTPPublisher(configuration: publisher),
        ]
        for value in values {
            var dumped = ""
            dump(value, to: &dumped, maxDepth: 8, maxItems: 5000)
            for text in ["\(value)", String(reflecting: value), dumped] {
                for spelling in ["sesame", "c2VzYW1l", "115, 101", "[115", "dTpzZXNhbWU"] {
                    #expect(!text.contains(spelling), "\(type(of: value))")
                }
            }
        }
    }
}
