package import GRIP
import HTTPTypes

extension GRIPPublication {
    /// About how many bytes of memory the publication takes.
    ///
    /// The size that an item claims to have does not count here.
    package var approximateByteCount: Int {
        let item = self.item
        var count = 200 + self.channel.name.utf8.count + (item.id?.utf8.count ?? 0)
        count += item.previousID?.utf8.count ?? 0
        for (name, value) in item.meta { count += 64 + name.utf8.count + value.utf8.count }
        if case .send(let response)? = item.httpResponse?.action { count += response.approximateByteCount }
        if case .send(let content)? = item.httpStream?.action { count += content.byteCount }
        switch item.webSocketMessage?.action {
        case .send(_, let content)?: count += content.byteCount
        case .close(_, let reason)?: count += reason.utf8.count
        case .hint?, .refresh?, nil: break
        }
        return count
    }
}

extension GRIPHTTPResponse.Response {
    fileprivate var approximateByteCount: Int {
        let fields = self.headers.reduce(0) { $0 + 64 + $1.name.rawName.utf8.count + $1.value.utf8.count }
        return fields + self.bodyByteCount
    }

    private var bodyByteCount: Int {
        switch self.body {
        case .content(let content): content.byteCount
        case .patch(let patch): JSONMeasure(.array(patch.operations)).memory
        }
    }
}
