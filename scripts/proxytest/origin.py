"""An origin behind the proxy: streams, long polls and WebSockets over HTTP.

Runs as a process of its own, so that it can be killed: `origin.py PORT STORE LINK-TIMEOUT CHANNEL...`
"""

import asyncio
import os
import subprocess
import sys
import urllib.parse

if __name__ == "__main__":
    sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from proxytest.store import Store, text

ITEMS_PER_PAGE = 100


class Origin:
    """The process, as those see it that start and kill it."""

    def __init__(self, port, path, channels, link_timeout=5):
        """Prepares a process.

        - link_timeout: After how many seconds without an item a stream looks for what it may have missed.
        """
        self.port = port
        program = [sys.executable, "-B", os.path.abspath(__file__)]
        self.arguments = [*program, str(port), path, str(link_timeout), *channels]
        self.process = None

    async def start(self):
        self.process = subprocess.Popen(self.arguments, stdout=subprocess.PIPE)
        line = await asyncio.get_running_loop().run_in_executor(None, self.process.stdout.readline)
        if line != b"ready\n":
            raise RuntimeError("the origin does not start")

    def kill(self):
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process.stdout.close()
            self.process = None


class Request:
    def __init__(self, head, body):
        lines = head.decode("latin-1").split("\r\n")
        self.method, target, _ = lines[0].split(" ")
        self.path, _, query = target.partition("?")
        self.query = dict(urllib.parse.parse_qsl(query))
        self.body = body
        self.fields = [(name.lower(), value) for name, _, value in (line.partition(": ") for line in lines[1:])]

    @property
    def channels(self):
        return self.query["channels"].split(".")

    @property
    def last_ids(self):
        values = (value.partition("; last-id=") for name, value in self.fields if name == "grip-last")
        return {channel: int(number) for channel, _, number in values}


class Connection(asyncio.Protocol):
    """One of the proxy's connections, which stays open from request to request."""

    def __init__(self, store, link_timeout):
        self.store = store
        self.link_timeout = link_timeout
        self.buffer = bytearray()

    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        self.buffer += data
        while (end := self.buffer.find(b"\r\n\r\n")) >= 0:
            head = bytes(self.buffer[:end])
            start = head.lower().find(b"\r\ncontent-length:")
            length = int(head[start + 17 :].split(b"\r\n", 1)[0]) if start >= 0 else 0
            if len(self.buffer) < end + 4 + length:
                return
            body = bytes(self.buffer[end + 4 : end + 4 + length])
            del self.buffer[: end + 4 + length]
            self.transport.write(self.answer(Request(head, body)))

    def answer(self, request):
        handler = {
            "/plain": self.plain,
            "/linked": self.linked,
            "/pages": self.page,
            "/poll": self.poll,
            "/hello": lambda _: response("hello\n"),
            "/socket": self.socket,
        }.get(request.path)
        return handler(request) if handler else response("not found\n", status="404 Not Found")

    def plain(self, request):
        channels = [("Grip-Channel", channel) for channel in request.channels]
        return response("", [("Grip-Hold", "stream"), *channels])

    def linked(self, request):
        """A stream that begins with where its channels are, or with what its client has not seen."""
        if "after" in request.query:
            seen = map(int, request.query["after"].split("."))
            return self.items_after(dict(zip(request.channels, seen)))
        numbers = {channel: self.store.last(channel) for channel in request.channels}
        body = "".join(f"from {channel} {number}\n" for channel, number in numbers.items())
        return response(body, self.hold(numbers))

    def page(self, request):
        """What a stream has missed; a long absence takes several pages."""
        self.store.count_page()
        return self.items_after(request.last_ids)

    def items_after(self, numbers):
        body = []
        is_last = True
        for channel, seen in numbers.items():
            end = min(self.store.last(channel), seen + ITEMS_PER_PAGE)
            is_last = is_last and end == self.store.last(channel)
            body += [text(channel, number) for number in range(seen + 1, end + 1)]
            numbers[channel] = end
        return response("".join(body), self.hold(numbers, holds=is_last))

    def hold(self, numbers, holds=True):
        fields = [("Grip-Channel", f"{channel}; prev-id={number}") for channel, number in numbers.items()]
        fields.append(("Grip-Link", f"</pages?channels={'.'.join(numbers)}>; rel=next; timeout={self.link_timeout}"))
        return fields + [("Grip-Hold", "stream")] if holds else fields

    def poll(self, request):
        """The items after the last that the client has, or a long poll for the next one."""
        channel = request.query["channel"]
        after, last = int(request.query["after"]), self.store.last(channel)
        if after < last:
            return response("".join(text(channel, number) for number in range(after + 1, last + 1)))
        return response("", [("Grip-Hold", "response"), ("Grip-Channel", f"{channel}; prev-id={last}")])

    def socket(self, request):
        """Opens a WebSocket, subscribes it to a channel, and sends back what it says.

        To `after N` it answers with the items after that.
        """
        answer = b""
        for kind, content in events(request.body):
            if kind == b"OPEN":
                control = '{"type": "subscribe", "channel": "%s"}' % request.query["channel"]
                answer += b"OPEN\r\n" + event(b"TEXT", b"c:" + control.encode())
            elif kind == b"TEXT" and content.startswith(b"after "):
                channel = request.query["channel"]
                for number in range(int(content.split()[1]) + 1, self.store.last(channel) + 1):
                    answer += event(b"TEXT", text(channel, number).encode())
            elif kind in (b"TEXT", b"BINARY", b"CLOSE"):
                answer += event(kind, content)
            elif kind == b"PING":
                answer += event(b"PONG", content)
        fields = [
            ("Content-Type", "application/websocket-events"),
            ("Sec-WebSocket-Extensions", 'grip; message-prefix=""'),
        ]
        return response(answer, fields)


def response(body, fields=(), status="200 OK"):
    body = body if isinstance(body, bytes) else body.encode()
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *(f"{name}: {value}" for name, value in fields)]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def event(kind, content):
    return kind + b" %x\r\n" % len(content) + content + b"\r\n" if content else kind + b"\r\n"


def events(body):
    """The events of a request, each with its content."""
    position = 0
    while position < len(body):
        end = body.index(b"\r\n", position)
        kind, _, length = body[position:end].partition(b" ")
        position = end + 2
        content = b""
        if length:
            content = body[position : position + int(length, 16)]
            position += len(content) + 2
        yield kind, content


async def serve(port, store, link_timeout):
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(store, link_timeout), "127.0.0.1", port, backlog=4096)
    print("ready", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), Store(sys.argv[2], sys.argv[4:]), int(sys.argv[3])))
