import GRIPEngine
import NIOCore
import Testing

@Suite("Metrics for Prometheus")
struct PrometheusTextTests {
    @Test("Families have their help, type and samples")
    func families() {
        var text = PrometheusText()
        text.add("a_total", help: "How many a.", .counter, [([], 5)])
        text.add("b", help: "b", .gauge, [([("kind", "x"), ("other", "y")], -1), ([("kind", "z")], 0)])
        text.add("c", help: "c", .gauge, [])
        #expect(
            String(buffer: text.buffer) == """
                # HELP a_total How many a.
                # TYPE a_total counter
                a_total 5
                # HELP b b
                # TYPE b gauge
                b{kind="x",other="y"} -1
                b{kind="z"} 0
                # HELP c c
                # TYPE c gauge

                """
        )
    }

    @Test("Backslashes, quotes and line ends in texts are escaped")
    func escaping() {
        var text = PrometheusText()
        text.add("a", help: "\\ \" \n é", .gauge, [([("l", "\\ \" \n \r\n é")], 1)])
        #expect(
            String(buffer: text.buffer)
                == "# HELP a \\\\ \" \\n é\n# TYPE a gauge\na{l=\"\\\\ \\\" \\n \r\\n é\"} 1\n"
        )
    }
}
