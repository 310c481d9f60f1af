#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// What people are told to try.
struct Invitation: CustomStringConvertible {
    private let url: String

    init(host: String, port: Int) {
        self.url = "http://\(host.contains(":") ? "[\(host)]" : host):\(port)"
    }

    var description: String {
        """

        The demo runs, with the proxy in it. Open

            \(self.url)/

        or, in two terminals,

            curl -N \(self.url)/stream
            curl -d data=hello \(self.url)/stream

        Ctrl-C ends it.

        """
    }

    /// Prints it now, also where nobody looks at a terminal.
    func show() {
        print(self)
        fflush(nil)
    }
}
