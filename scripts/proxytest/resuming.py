"""Clients of several proxies that come back, to any of them, when theirs is gone, and go on where they were."""

import asyncio

from proxytest.clients import PollClient, Progress, Refused, StreamClient, WebSocketClient


class Instances:
    """The proxies that clients can come to."""

    def __init__(self, random):
        self.random = random
        self.proxies = []

    def running(self):
        return self.random.choice([proxy for proxy in self.proxies if proxy.is_running])


class Resuming:
    """A client with one connection after the other."""

    def __init__(self, name, findings, channels, instances, store):
        self.name, self.findings, self.channels, self.instances = name, findings, channels, instances
        self.progress = Progress(name, findings)
        for channel in channels:
            self.progress.next[channel] = store.last(channel) + 1
        self.connection = None
        self.is_over = False

    @property
    def is_open(self):
        return self.connection is not None and self.connection.is_open

    async def run(self, gate):
        """Connects again and again until the end of the test."""
        comes = 0
        while not self.is_over:
            connection = self.connect()
            try:
                async with gate:
                    await connection.open(self.instances.running().http_port, self.target())
                self.connection = connection
                comes += 1
                if comes > 1:
                    self.findings.counts[f"{connection.kind}s that came back"] += 1
                await connection.is_gone.wait()
            except (OSError, asyncio.TimeoutError, Refused):
                await asyncio.sleep(0.1)
            finally:
                connection.leave(abruptly=True)

    def end(self):
        self.is_over = True
        if self.connection:
            self.connection.leave(abruptly=True)


class Leaving:
    """A connection whose end is no problem, because another one follows."""

    def __init__(self, owner):
        super().__init__(owner.name, owner.findings, owner.channels)
        self.progress = owner.progress
        self.is_gone = asyncio.Event()

    def lost(self, error):
        self.is_gone.set()

    def ended(self):
        self.leave()

    def leave(self, abruptly=False):
        super().leave(abruptly)
        self.is_gone.set()


class StreamConnection(Leaving, StreamClient):
    pass


class ResumingStream(Resuming):
    kind = StreamClient.kind

    def connect(self):
        return StreamConnection(self)

    def target(self):
        after = ".".join(str(self.progress.next[channel] - 1) for channel in self.channels)
        return f"/linked?channels={'.'.join(self.channels)}&after={after}"


class WebSocketConnection(Leaving, WebSocketClient):
    def ask(self):
        """Asks for what the client has not seen."""
        if self.is_open:
            self.send(0x1, f"after {self.progress.next[self.channels[0]] - 1}".encode())

    def take(self, opcode, payload):
        if opcode == 0x8:
            return self.leave()
        channel, _, number = payload.decode().strip().partition(" ")
        expected = self.progress.next[channel]
        # An answer and what is published meanwhile overlap.
        if int(number) > expected:
            self.ask()
        elif int(number) == expected:
            self.progress.take(payload.decode())


class ResumingWebSocket(Resuming):
    """Asks for what it has not seen when it sees a hole, and once a second."""

    kind = WebSocketClient.kind

    def connect(self):
        return WebSocketConnection(self)

    def target(self):
        return f"/socket?channel={self.channels[0]}"

    async def run(self, gate):
        asking = asyncio.create_task(self.ask_again())
        try:
            await super().run(gate)
        finally:
            asking.cancel()

    async def ask_again(self):
        while True:
            if self.connection:
                self.connection.ask()
            await asyncio.sleep(1)


class ResumingPoll(PollClient):
    """Polls at another proxy when its own is gone."""

    def __init__(self, name, findings, channels, instances, store):
        super().__init__(name, findings, channels)
        self.instances = instances
        self.progress.next[channels[0]] = store.last(channels[0]) + 1

    async def run(self, gate):
        while not self.is_leaving:
            try:
                if self.transport is None or self.transport.is_closing():
                    await self.connect(self.instances.running().http_port)
                await self.poll(self.channels[0])
            except (OSError, asyncio.TimeoutError, Refused):
                self.transport = None
                if not self.is_leaving:
                    self.findings.counts["long polls that came back"] += 1
                    await asyncio.sleep(0.1)

    def end(self):
        self.leave(abruptly=True)
