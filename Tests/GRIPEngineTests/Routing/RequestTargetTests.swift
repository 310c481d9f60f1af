import GRIPEngine
import Testing

@Suite struct RequestTargetTests {
    private func rewritten(_ line: String, _ path: String, authority: String = "example.com:8080") throws
        -> RequestTarget
    {
        let route = try #require(RouteFile.parse(line).routes.first)
        let target = try #require(route.targets.first)
        return RequestTarget(authority: authority, path: path).rewritten(by: route, for: target)
    }

    @Test(arguments: [
        ("* test", "/a?b", "/a?b"),
        ("*,path_rem=2 test", "/a/b?c", "/b?c"),
        ("*,path_rem=3 test", "/a/b?c", "/b?c"),
        ("*,path_rem=99 test", "/a/b?c", "/?c"),
        ("*,path_beg=/sse,path_rem=4 test", "/sse/a?b", "/a?b"),
        ("*,path_beg=/sse,path_rem=4 test", "/sse?/sse", "/?/sse"),
        ("*,path_beg=/sse,path_rem=4 test", "/s.php?a=1", "/s.php?a=1"),
        ("*,path_beg=/sse,path_rem=4 test", "/?/sse/x", "/?/sse/x"),
        ("*,path_rem=2 test", "*", "*"),
        ("*,path_beg=/a,replace_beg=/z test", "/a/b?c=/a", "/z/b?c=/a"),
        ("*,path_beg=/a/,replace_beg= test", "/a/b", "/b"),
        ("*,path_beg=/a,replace_beg=/z test", "/other", "/other"),
        ("*,replace_beg=/z test", "/a", "/z/a"),
    ])
    func pathsAreRewritten(line: String, path: String, expected: String) throws {
        #expect(try self.rewritten(line, path).path == expected)
    }

    // RQ11
    @Test(arguments: [
        ("* test", "example.com:8080"),
        ("*,as_host=h test", "h"),
        ("*,as_host=h:81 test", "h:81"),
        ("*,as_host=h a:80,host=t:82", "t:82"),
    ])
    func hostsAreRewritten(line: String, expected: String) throws {
        #expect(try self.rewritten(line, "/").authority == expected)
    }
}
