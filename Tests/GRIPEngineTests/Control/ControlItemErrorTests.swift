import GRIPEngine
import HTTPTypes
import Testing

/// What Pushpin answers to items with mistakes, word by word.
@Suite("Errors of items in the control API")
struct ControlItemErrorTests {
    private func answer(_ item: String) -> (code: Int?, text: String?) {
        let response = ControlAPI.open.response(.make(.post, "/publish/", "{\"items\":[\(item)]}"))
        return (response?.code, response?.text)
    }

    @Test(
        "Members of an item",
        arguments: [
            (#""formats":{}"#, "no formats specified"), (#""foo":{}"#, "no formats specified"),
            (#""formats":5"#, "publish item object contains 'formats' with wrong type"),
            (#""id":5,"http-stream":{"content":""}"#, "publish item object contains 'id' with wrong type"),
            (#""id":null,"http-stream":{"content":""}"#, "publish item object contains 'id' with wrong type"),
            (#""prev-id":5,"http-stream":{"content":""}"#, "publish item object contains 'prev-id' with wrong type"),
            (#""meta":5,"http-stream":{"content":""}"#, "publish item object contains 'meta' with wrong type"),
            (#""meta":{"k":5},"http-stream":{"content":""}"#, "'meta' contains 'k' with wrong type"),
            (#""size":-1,"http-stream":{"content":""}"#, "publish item object contains 'size' with invalid value"),
            (#""size":[],"http-stream":{"content":""}"#, "publish item object contains 'size' with wrong type"),
            (#""no-seq":1,"http-stream":{"content":""}"#, "publish item object contains 'no-seq' with wrong type"),
        ]
    )
    func members(members: String, reason: String) {
        #expect(self.answer("{\"channel\":\"x\",\(members)}") == (400, "Invalid format: \(reason)\n"))
    }

    @Test(
        "Channels",
        arguments: [
            (#""channel":5,"#, "publish item object contains 'channel' with wrong type"),
            ("", "publish item object does not contain 'channel'"),
        ]
    )
    func channels(member: String, reason: String) {
        #expect(self.answer("{\(member)\"http-stream\":{\"content\":\"\"}}") == (400, "Invalid format: \(reason)\n"))
    }

    @Test(
        "Formats",
        arguments: [
            (#""http-stream":5"#, "'http-stream' is not an object"),
            (#""http-stream":{}"#, "'http-stream' does not contain 'content' or 'content-bin'"),
            (#""http-stream":{"content":5}"#, "'http-stream' contains 'content' with wrong type"),
            (#""http-stream":{"content-bin":5}"#, "'http-stream' contains 'content-bin' with wrong type"),
            (#""http-stream":{"action":5,"content":""}"#, "'http-stream' contains 'action' with wrong type"),
            (#""http-stream":{"action":"x","content":""}"#, "'http-stream' contains 'action' with invalid value"),
            (
                #""http-stream":{"content":"","content-filters":5}"#,
                "'http-stream' contains 'content-filters' with wrong type"
            ),
            (
                #""http-stream":{"content":"","content-filters":[5]}"#,
                "content-filters contains element with wrong type"
            ),
            (#""http-response":{}"#, "'http-response' does not contain 'body', 'body-bin', or 'body-patch'"),
            (#""http-response":{"body":5}"#, "'http-response' contains 'body' with wrong type"),
            (#""http-response":{"body-bin":5}"#, "'http-response' contains 'body-bin' with wrong type"),
            (#""http-response":{"body-patch":5}"#, "'http-response' contains 'body-patch' with wrong type"),
            (#""http-response":{"code":1000,"body":""}"#, "'http-response' contains 'code' with invalid value"),
            (#""http-response":{"code":-1,"body":""}"#, "'http-response' contains 'code' with invalid value"),
            (#""http-response":{"code":[1],"body":""}"#, "'http-response' contains 'code' with wrong type"),
            (#""http-response":{"code":null,"body":""}"#, "'http-response' contains 'code' with wrong type"),
            (#""http-response":{"reason":5,"body":""}"#, "'http-response' contains 'reason' with wrong type"),
            (#""http-response":{"headers":5,"body":""}"#, "'http-response' contains 'headers' with wrong type"),
            (#""http-response":{"headers":{"a":5},"body":""}"#, "headers contains 'a' with wrong type"),
            (
                #""http-response":{"headers":[["a"]],"body":""}"#,
                "headers contains list with wrong number of elements"
            ),
            (#""http-response":{"headers":[["a",5]],"body":""}"#, "header contains value element with wrong type"),
            (#""http-response":{"headers":[5],"body":""}"#, "headers contains element with wrong type"),
            (#""ws-message":{}"#, "'ws-message' does not contain 'content' or 'content-bin'"),
            (#""ws-message":{"type":"x","content":""}"#, "'ws-message' contains 'type' with unknown value"),
            (#""ws-message":{"type":5,"content":""}"#, "'ws-message' contains 'type' with wrong type"),
            (#""ws-message":{"action":"close","code":-1}"#, "'ws-message' contains 'code' with invalid value"),
            (#""ws-message":{"action":"close","code":[]}"#, "'ws-message' contains 'code' with wrong type"),
            (#""ws-message":{"action":"close","reason":5}"#, "'ws-message' contains 'reason' with wrong type"),
        ]
    )
    func formats(format: String, reason: String) {
        #expect(self.answer("{\"channel\":\"x\",\(format)}") == (400, "Invalid format: \(reason)\n"))
        #expect(self.answer("{\"channel\":\"x\",\"formats\":{\(format)}}") == (400, "Invalid format: \(reason)\n"))
    }

    @Test(
        "What looks odd and is taken",
        arguments: [
            #"{"channel":"","http-stream":{"content":"a"}}"#, #"{"channel":"x","formats":{"foo":{}}}"#,
            #"{"channel":"x","size":"x","http-stream":{"content":"a"}}"#,
            #"{"channel":"x","http-response":{"code":"200","body":""}}"#,
            #"{"channel":"x","ws-message":{"type":"ping"}}"#,
        ]
    )
    func odd(item: String) { #expect(self.answer(item) == (200, "Published\n")) }
}
