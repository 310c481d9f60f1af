import GRIPEngine
import HTTPTypes
import Testing

@Suite("The headers of cross-origin resource sharing")
struct CrossOriginFieldsTests {
    private func lines(_ response: KeyValuePairs<String, String>, _ request: KeyValuePairs<String, String>) -> [String]
    {
        var fields = HTTPFields(response)
        CrossOriginFields.add(to: &fields, answering: HTTPFields(request))
        return fields.dropFirst(response.count).map { "\($0.name.rawName): \($0.value)" }
    }

    // RT7
    @Test("are added to an answer to anybody")
    func anybody() {
        #expect(
            self.lines(["Server": "x", "Date": "y", "Content-Type": "z", "server": "x", "Grip-Foo": "1"], [:]) == [
                "Access-Control-Allow-Methods: OPTIONS, HEAD, GET, POST, PUT, DELETE",
                "Access-Control-Expose-Headers: Server, Date", "Access-Control-Allow-Credentials: true", "Vary: Origin",
                "Access-Control-Allow-Origin: *", "Access-Control-Max-Age: 3600",
            ]
        )
    }

    // RT7
    @Test("say what a preflight request asks for")
    func preflight() {
        let request: KeyValuePairs = [
            "Origin": "http://o", "Access-Control-Request-Method": "PATCH",
            "Access-Control-Request-Headers": "X-A, x-b",
        ]
        #expect(
            self.lines(["ETag": "1"], request) == [
                "Access-Control-Allow-Methods: PATCH", "Access-Control-Allow-Headers: X-A, x-b",
                "Access-Control-Expose-Headers: ETag", "Access-Control-Allow-Credentials: true", "Vary: Origin",
                "Access-Control-Allow-Origin: http://o", "Access-Control-Max-Age: 3600",
            ]
        )
    }

    @Test("say once that they depend on the origin that asks", arguments: ["*", "Accept, ORIGIN", "origin"])
    func vary(value: String) {
        #expect(!self.lines(["Vary": value], ["Origin": "http://o"]).contains { $0.hasPrefix("Vary") })
    }

    @Test("do not replace the origin's own, and name nothing where there is nothing")
    func own() {
        let response: KeyValuePairs = [
            "access-control-allow-origin": "http://me", "Access-Control-Allow-Methods": "GET",
            "Access-Control-Expose-Headers": "X", "Access-Control-Max-Age": "1",
            "Access-Control-Allow-Credentials": "false", "Access-Control-Allow-Headers": "Y", "X-Other": "1",
        ]
        #expect(self.lines(response, ["Origin": "http://o", "Access-Control-Request-Headers": "Z"]).isEmpty)
        #expect(!self.lines(["Cache-Control": "x", "Pragma": "y"], [:]).joined().contains("Expose"))
        #expect(!self.lines([:], ["Access-Control-Request-Headers": ""]).joined().contains("Allow-Headers"))
    }
}

extension HTTPFields {
    init(_ pairs: KeyValuePairs<String, String>) {
        self.init()
        for (name, value) in pairs {
            if let name = HTTPField.Name(name) { self.append(HTTPField(name: name, value: value)) }
        }
    }
}
