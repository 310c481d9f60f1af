"""Speaks with others over NATS as users of Python's library do: nats_peer.py URL.

Says "ready" when it is subscribed. Answers requests to py.echo with what they hold, reversed and with their headers, sends
on what comes under py.in.> to py.out with the subject before it, and ends when something comes to py.end.
"""

import asyncio
import sys

import nats


async def main():
    connection = await nats.connect(sys.argv[1])
    end = asyncio.Event()

    async def echo(message):
        await connection.publish(message.reply, message.data[::-1], headers=message.headers)

    async def forward(message):
        await connection.publish("py.out", message.subject.encode() + b" " + message.data)

    async def finish(message):
        end.set()

    await connection.subscribe("py.echo", cb=echo)
    await connection.subscribe("py.in.>", cb=forward)
    await connection.subscribe("py.end", cb=finish)
    await connection.flush()
    print("ready", flush=True)
    await end.wait()
    await connection.drain()


asyncio.run(main())
