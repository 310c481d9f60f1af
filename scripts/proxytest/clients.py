"""Clients of the proxy that know what they must get: everything, once, in order."""

import asyncio
import base64
import collections
import os
import struct
import time


class Findings:
    """What went wrong, and what was counted on the way."""

    def __init__(self):
        self.began = time.monotonic()
        self.problems = []
        self.counts = collections.Counter()

    def problem(self, text):
        self.counts["problems"] += 1
        if len(self.problems) < 25:
            self.problems.append(f"{time.monotonic() - self.began:6.2f} s  {text}")


class Progress:
    """Where a client is on each of its channels."""

    def __init__(self, name, findings):
        self.name = name
        self.findings = findings
        self.next = {}
        self.received = 0

    def take(self, line):
        """Takes `CHANNEL NUMBER`, or `from CHANNEL NUMBER`, which says what came before."""
        words = line.split()
        if len(words) == 3 and words[0] == "from":
            self.next[words[1]] = int(words[2]) + 1
            return
        if len(words) != 2 or not words[1].isdigit():
            return self.findings.problem(f"{self.name} got what nobody sent: {line!r}")
        channel, number = words[0], int(words[1])
        expected = self.next.get(channel, number)
        self.received += 1
        self.findings.counts["items"] += 1
        if number < expected:
            self.findings.problem(f"{self.name} got item {number} of {channel} again or late; {expected} is next")
        else:
            if number > expected:
                self.findings.problem(f"{self.name} misses items {expected} to {number - 1} of {channel}")
            self.next[channel] = number + 1

    def lacks(self, channel, last):
        """Whether items up to the last are still to come."""
        return channel in self.next and self.next[channel] <= last


class Refused(Exception):
    """The proxy answers that the origin is away."""


class Client(asyncio.Protocol):
    """A connection to the proxy."""

    kind = "client"

    def __init__(self, name, findings, channels=()):
        self.name = name
        self.findings = findings
        self.channels = channels
        self.progress = Progress(name, findings)
        self.buffer = bytearray()
        self.head = None
        self.is_leaving = False
        self.is_open = False
        self.transport = None
        self.opened = None

    async def open(self, port, target, fields=()):
        """Sends a request and waits for the head of the response."""
        loop = asyncio.get_running_loop()
        self.opened = loop.create_future()
        await loop.create_connection(lambda: self, "127.0.0.1", port)
        self.request(target, fields)
        status = await asyncio.wait_for(self.opened, 60)
        if status in (502, 504):
            self.leave()
            raise Refused
        if status not in (101, 200):
            self.leave()
            self.findings.problem(f"{self.name} got status {status}")
        return self

    def request(self, target, fields=()):
        lines = [f"GET {target} HTTP/1.1", "Host: localhost", *(f"{name}: {value}" for name, value in fields)]
        self.transport.write("\r\n".join(lines).encode() + b"\r\n\r\n")

    def leave(self, abruptly=False):
        self.is_leaving = True
        self.is_open = False
        if self.transport:
            self.transport.abort() if abruptly else self.transport.close()

    # From the transport

    def connection_made(self, transport):
        self.transport = transport
        # One that was told to leave on the way has had nothing to close.
        if self.is_leaving:
            transport.abort()

    def connection_lost(self, error):
        self.is_open = False
        if self.opened and not self.opened.done():
            self.opened.set_exception(ConnectionError(f"{self.name} was closed before it got an answer"))
        elif not self.is_leaving:
            self.lost(error)

    def lost(self, error):
        self.findings.problem(f"{self.name} was closed by the proxy{f' ({error})' if error else ''}")

    def data_received(self, data):
        self.buffer += data
        if self.head is None:
            end = self.buffer.find(b"\r\n\r\n")
            if end < 0:
                return
            self.head = bytes(self.buffer[:end]).decode("latin-1")
            del self.buffer[: end + 4]
            self.is_open = True
            if not self.opened.done():
                self.opened.set_result(int(self.head.split(" ", 2)[1]))
        self.read()

    def read(self):
        """Takes what is in the buffer."""

    def field(self, name):
        for line in self.head.split("\r\n"):
            if line.lower().startswith(name + ":"):
                return line.partition(":")[2].strip()
        return None


class StreamClient(Client):
    """Holds a stream of items."""

    kind = "stream"

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.text = bytearray()

    def read(self):
        while (end := self.buffer.find(b"\r\n")) >= 0:
            size = int(self.buffer[:end], 16)
            if len(self.buffer) < end + 4 + size:
                return
            self.text += self.buffer[end + 2 : end + 2 + size]
            del self.buffer[: end + 4 + size]
            if size == 0 and not self.is_leaving:
                return self.ended()
        *lines, rest = self.text.split(b"\n")
        self.text = rest
        for line in lines:
            self.progress.take(line.decode())

    def ended(self):
        self.findings.problem(f"{self.name} was ended by the proxy")
        self.leave()


class WebSocketClient(Client):
    """Gets items and has what it says sent back."""

    kind = "WebSocket"

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.said = self.heard = 0
        self.risked = 0

    async def open(self, port, target, fields=()):
        key = base64.b64encode(os.urandom(16)).decode()
        handshake = [
            ("Connection", "Upgrade"),
            ("Upgrade", "websocket"),
            ("Sec-WebSocket-Version", "13"),
            ("Sec-WebSocket-Key", key),
        ]
        return await super().open(port, target, handshake)

    @property
    def is_waiting(self):
        return self.heard < self.said

    def risk(self):
        """The origin is killed: what was said may be in a request that must not be sent again."""
        self.risked = self.said

    def say(self):
        if self.is_open:
            self.said += 1
            self.send(0x1, f"echo {self.said}".encode())

    def leave(self, abruptly=False):
        if self.is_open and not abruptly:
            self.is_leaving = True
            self.is_open = False
            self.send(0x8, struct.pack("!H", 1000))
        else:
            super().leave(abruptly)

    def send(self, opcode, payload):
        mask = os.urandom(4)
        masked = bytes(byte ^ mask[index % 4] for index, byte in enumerate(payload))
        self.transport.write(bytes([0x80 | opcode, 0x80 | len(payload)]) + mask + masked)

    def read(self):
        while len(self.buffer) >= 2:
            opcode, size, start = self.buffer[0] & 15, self.buffer[1], 2
            if size == 126 and len(self.buffer) >= 4:
                size, start = struct.unpack_from("!H", self.buffer, 2)[0], 4
            if size > 125 and start == 2 or len(self.buffer) < start + size:
                return
            payload = bytes(self.buffer[start : start + size])
            del self.buffer[: start + size]
            self.take(opcode, payload)

    def take(self, opcode, payload):
        if opcode == 0x8:
            code = struct.unpack_from("!H", payload)[0] if payload else None
            if code == 1011 and self.heard < self.risked:
                # Its message was with the origin that was killed, and the proxy says so.
                self.findings.counts["WebSockets that ended with the origin"] += 1
            elif not self.is_leaving:
                self.findings.problem(f"{self.name} got a Close frame ({code})")
            return super().leave()
        text = payload.decode()
        if not text.startswith("echo "):
            return self.progress.take(text)
        self.heard += 1
        self.findings.counts["echoes"] += 1
        if text != f"echo {self.heard}":
            self.findings.problem(f"{self.name} got {text!r} in place of echo {self.heard}")

    def lost(self, error):
        if self.heard < self.risked:
            self.findings.counts["WebSockets that ended with the origin"] += 1
        else:
            super().lost(error)


class PollClient(Client):
    """Asks for the next items again and again."""

    kind = "long poll"

    async def run(self, port, channel, after):
        """Polls until it is to leave."""
        self.progress.next[channel] = after + 1
        while not self.is_leaving:
            try:
                if self.transport is None or self.transport.is_closing():
                    await self.connect(port)
                await self.poll(channel)
            except Refused:
                self.findings.counts["polls without an origin"] += 1
                await asyncio.sleep(0.2)
            except (ConnectionError, asyncio.TimeoutError) as error:
                if not self.is_leaving:
                    self.findings.problem(f"{self.name} has no answer: {error!r}")
                    await asyncio.sleep(0.2)
                    self.transport = None

    async def connect(self, port):
        self.buffer.clear()
        await asyncio.get_running_loop().create_connection(lambda: self, "127.0.0.1", port)

    async def poll(self, channel):
        self.head = None
        self.opened = asyncio.get_running_loop().create_future()
        self.request(f"/poll?channel={channel}&after={self.progress.next[channel] - 1}")
        status, body = await asyncio.wait_for(self.opened, 65)
        if status in (502, 504):
            raise Refused
        for line in body.splitlines():
            self.progress.take(line)

    def data_received(self, data):
        self.buffer += data
        end = self.buffer.find(b"\r\n\r\n")
        if end < 0 or self.opened is None or self.opened.done():
            return
        self.head = bytes(self.buffer[:end]).decode("latin-1")
        length = int(self.field("content-length") or 0)
        if len(self.buffer) >= end + 4 + length:
            body = bytes(self.buffer[end + 4 : end + 4 + length]).decode()
            del self.buffer[: end + 4 + length]
            self.is_open = True
            self.opened.set_result((int(self.head.split(" ", 2)[1]), body))

    def lost(self, error):
        pass  # Between two polls the proxy may close; the next one connects again.
