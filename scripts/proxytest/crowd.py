"""Many clients at once, of all kinds, that come and go."""

import asyncio

from proxytest.clients import PollClient, Refused, StreamClient, WebSocketClient


class Crowd:
    """The clients of a run.

    Half of the streams hold plain channels, as the WebSockets do. The other half has next links, as the long polls have
    the last item's number: those must get what was published while they could not hear it.
    """

    def __init__(self, proxy, store, plain, linked, findings, random):
        self.proxy = proxy
        self.store = store
        self.plain = plain
        self.linked = linked
        self.findings = findings
        self.random = random
        self.made = 0
        self.streams = []
        self.sockets = []
        self.polls = []
        self.gate = asyncio.Semaphore(100)
        self.arriving = set()
        self.polling = set()

    @property
    def everybody(self):
        return self.streams + self.sockets + self.polls

    async def gather(self, streams, sockets, polls):
        """Lets that many come."""
        arrivals = [self.add_stream() for _ in range(streams)] + [self.add_socket() for _ in range(sockets)]
        await asyncio.gather(*arrivals)
        for _ in range(polls):
            self.add_poll()

    def name(self, kind):
        self.made += 1
        return f"{kind} {self.made}"

    async def add_stream(self):
        is_linked = self.random.random() < 0.5
        channels = self.random.sample(self.linked if is_linked else self.plain, self.random.choice([1, 1, 1, 2]))
        target = f"/{'linked' if is_linked else 'plain'}?channels={'.'.join(channels)}"
        await self.arrive(lambda: StreamClient(self.name("stream"), self.findings, channels), target, self.streams)

    async def add_socket(self):
        channel = self.random.choice(self.plain)
        make = lambda: WebSocketClient(self.name("WebSocket"), self.findings, [channel])
        await self.arrive(make, f"/socket?channel={channel}", self.sockets)

    async def arrive(self, make, target, members):
        """Comes again until there is an origin."""
        async with self.gate:
            for _ in range(100):
                client = make()
                try:
                    members.append(await client.open(self.proxy.http_port, target))
                    return
                except Refused:
                    self.findings.counts["arrivals without an origin"] += 1
                    await asyncio.sleep(self.random.uniform(0.1, 0.4))
                except (OSError, asyncio.TimeoutError) as error:
                    return self.findings.problem(f"{client.name} cannot come: {error!r}")
        self.findings.problem(f"{client.name} is told again and again that there is no origin")

    def add_poll(self):
        channel = self.random.choice(self.linked)
        client = PollClient(self.name("long poll"), self.findings, [channel])
        self.polls.append(client)
        self.start(client.run(self.proxy.http_port, channel, self.store.last(channel)), self.polling)

    def start(self, work, tasks):
        task = asyncio.create_task(work)
        tasks.add(task)
        task.add_done_callback(lambda task: self.finished(task, tasks))

    def finished(self, task, tasks):
        tasks.discard(task)
        if not task.cancelled() and task.exception():
            self.findings.problem(f"the test itself fails: {task.exception()!r}")

    def remove(self, members):
        """Lets one go, politely or not."""
        if members:
            client = members.pop(self.random.randrange(len(members)))
            client.leave(abruptly=self.random.random() < 0.5)
            self.findings.counts["clients that left"] += 1

    async def change(self, interval):
        """Lets one go and another one come, again and again."""
        while True:
            await asyncio.sleep(interval)
            kind = self.random.random()
            if kind < 0.6:
                self.remove(self.streams)
                self.start(self.add_stream(), self.arriving)
            elif kind < 0.9:
                self.remove(self.sockets)
                self.start(self.add_socket(), self.arriving)
            else:
                self.remove(self.polls)
                self.add_poll()

    async def talk(self, interval, may_talk):
        """Lets each WebSocket say something once in an interval."""
        while True:
            for socket in list(self.sockets):
                await may_talk.wait()
                socket.say()
                await asyncio.sleep(interval / max(1, len(self.sockets)))
            if not self.sockets:
                await asyncio.sleep(0.1)

    def behind(self):
        """Who lacks items, with how many."""
        return [
            f"{client.name} is at {client.progress.next[channel] - 1} of {self.store.last(channel)} on {channel}"
            for client in self.everybody
            for channel in client.channels
            if client.is_open and client.progress.lacks(channel, self.store.last(channel))
        ]

    def unanswered(self):
        """Who waits for an echo."""
        return [f"{socket.name} waits for its echo" for socket in self.sockets if socket.is_open and socket.is_waiting]

    def leave(self):
        for client in self.everybody:
            client.leave(abruptly=self.random.random() < 0.5)
        for members in self.streams, self.sockets, self.polls:
            members.clear()


async def until(condition, seconds):
    """Waits for a condition, and tells whether it came to be."""
    deadline = asyncio.get_running_loop().time() + seconds
    while not condition():
        if asyncio.get_running_loop().time() > deadline:
            return False
        await asyncio.sleep(0.05)
    return True
