"""Publishes numbered items without a pause."""

import asyncio
import json

from proxytest.store import text


class Publisher:
    """Publishes to one channel, one request after the other.

    Each item is in the store before it is published, as it has to be where clients can ask for what they missed.
    """

    def __init__(self, channel, store, port, findings):
        self.channel = channel
        self.store = store
        self.port = port
        self.findings = findings
        self.is_stopped = False

    async def publish(self, *numbers):
        """Publishes items in one request."""
        try:
            answer = await self.post(self.port, *numbers)
        except (OSError, asyncio.TimeoutError) as error:
            return self.findings.problem(f"nothing can be published: {error!r}")
        self.findings.counts["publishes"] += 1
        if not answer.startswith(b"HTTP/1.1 200"):
            self.findings.problem(f"publishing is answered with {answer[:200]!r}")

    async def post(self, port, *numbers):
        """Sends items to a control API, and returns the answer."""
        body = json.dumps({"items": [self.item(number) for number in numbers]}).encode()
        head = f"POST /publish/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n"
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            writer.write(head.encode() + b"Connection: close\r\n\r\n" + body)
            return await asyncio.wait_for(reader.read(), 30)
        finally:
            writer.close()

    def item(self, number):
        content = text(self.channel, number)
        return {
            "channel": self.channel,
            "id": str(number),
            "prev-id": str(number - 1),
            "formats": {
                "http-stream": {"content": content},
                "http-response": {"body": content},
                "ws-message": {"content": content},
            },
        }

    def next(self, count=1):
        """Stores items that are to be published."""
        return [self.store.advance(self.channel) for _ in range(count)]

    async def run(self, interval, random, habits):
        """Publishes until it is stopped, at the end of a round.

        - habits: What a round may be besides one item: "batch", "repeat", "swap", "skip".
        """
        await asyncio.sleep(random.random() * interval)
        # The proxy knows the order of a channel once it has had an item.
        await self.round(None, random)
        while not self.is_stopped:
            await self.round(random.choice(habits) if habits and random.random() < 0.2 else None, random)
            await asyncio.sleep(interval * random.uniform(0.5, 1.5))

    async def round(self, habit, random):
        match habit:
            case "batch":
                await self.publish(*self.next(random.randint(2, 6)))
            case "repeat":
                (number,) = self.next()
                await self.publish(number)
                await self.publish(number)
            case "swap":
                first, second = self.next(2)
                await self.publish(second, first)
            case "skip":
                # As if the publisher had failed between storing and publishing.
                self.next()
                self.findings.counts["items that were never published"] += 1
            case _:
                await self.publish(*self.next())
