"""What compare-steps does, done by Python's GRIP libraries: prints one JSON object a line.

Arguments are parts of names: only the steps that have one of them are run.
"""

import asyncio
import json
import logging
import multiprocessing
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings

SECRET = "0123456789abcdef0123456789abcdef"
ROUNDS = 7
ROUND_SECONDS = 0.1

settings.configure(
    ALLOWED_HOSTS=["*"],
    GRIP_PROXIES=[
        {
            "control_uri": "http://localhost:5561",
            "key": SECRET,
            "verify_key": SECRET,
            "verify_iss": "pushpin",
        }
    ],
    MIDDLEWARE=[],
    ROOT_URLCONF=__name__,
    SECRET_KEY="benchmark",
)

import django  # noqa: E402

django.setup()

import django_grip  # noqa: E402
import gripcontrol  # noqa: E402
from django.core.handlers.base import BaseHandler  # noqa: E402
from django.http import HttpResponse  # noqa: E402
from django.test import RequestFactory, override_settings  # noqa: E402
from django.urls import path  # noqa: E402
from gripcontrol import (  # noqa: E402
    Channel,
    GripPubControl,
    HttpStreamFormat,
    WebSocketEvent,
    WebSocketMessageFormat,
)
from pubcontrol import Item  # noqa: E402

wanted = sys.argv[1:]


def is_wanted(name):
    return not wanted or any(part in name for part in wanted)


def report(name, nanoseconds):
    print(json.dumps({"step": name, "ns": nanoseconds}), flush=True)


def nanoseconds(steps, operations=1):
    """The best of several rounds, each long enough for the clock; the steps take turns."""

    def measure(step, count):
        start = time.perf_counter_ns()
        for _ in range(count):
            step()
        return time.perf_counter_ns() - start

    counts = []
    for step in steps:
        count = 1
        while measure(step, count) < ROUND_SECONDS * 1e9:
            count *= 2
        counts.append(count)
    best = [float("inf")] * len(steps)
    for _ in range(ROUNDS):
        for index, step in enumerate(steps):
            best[index] = min(best[index], measure(step, counts[index]) / counts[index] / operations)
    return best


def run(name, step, operations=1):
    if is_wanted(name):
        report(name, nanoseconds([step], operations)[0])


# Events


def events():
    for size, content, count in (("100 of 1 KiB", "a" * 1024, 100), ("1000 of 7 B", "[12,34]", 1000)):
        batch = [WebSocketEvent("TEXT", content) for _ in range(count)]
        body = gripcontrol.encode_websocket_events(batch)
        run(f"events, encode {size}", lambda: gripcontrol.encode_websocket_events(batch))
        run(f"events, decode {size}", lambda: gripcontrol.decode_websocket_events(body))


# Instructions


def make_instruction():
    instruct = django_grip.GripInstruct()
    room = Channel("room-42", "1041")
    room.filters.append("skip-self")
    user = Channel("user-alice", "17")
    user.filters.extend(["skip-self", "build-id"])
    instruct.add_channels([room, user])
    instruct.set_hold_stream()
    instruct.set_keep_alive("\n", 20)
    instruct.set_next_link("/rooms/42/events?after=1041", 60)
    instruct.meta["user"] = "alice"
    instruct.meta["id_format"] = "%I"
    return instruct


def headers(instruct):
    """The lines of GripMiddleware.process_response that make headers."""
    response = {}
    response["Grip-Hold"] = instruct.hold
    response["Grip-Channel"] = gripcontrol.create_grip_channel_header(instruct.channels)
    if instruct.timeout > 0:
        response["Grip-Timeout"] = str(instruct.timeout)
    if instruct.keep_alive:
        response["Grip-Keep-Alive"] = django_grip._keep_alive_header(
            instruct.keep_alive, instruct.keep_alive_timeout
        )
    if instruct.meta:
        response["Grip-Set-Meta"] = django_grip._set_meta_header(instruct.meta)
    if instruct.next_link:
        value = "<%s>; rel=next" % instruct.next_link
        if instruct.next_link_timeout > 0:
            value += "; timeout=%d" % instruct.next_link_timeout
        response["Grip-Link"] = value
    return response


def instructions():
    instruct = make_instruction()
    run("instruction, encode to headers", lambda: headers(instruct))
    run("instruction, make and encode", lambda: headers(make_instruction()))


# Signatures


def signatures():
    key = ec.generate_private_key(ec.SECP256R1())
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    claims = {"exp": int(time.time()) + 3600, "iss": "pushpin"}
    for algorithm, signer, verifier in (("HS256", SECRET, SECRET), ("ES256", private, public)):
        token = jwt.encode(claims, signer, algorithm=algorithm)
        assert gripcontrol.validate_sig(token, verifier, iss="pushpin")
        # There is no cache of verified tokens: the second time costs what the first does.
        for name in (f"signature, verify {algorithm}", f"signature, verify {algorithm} again"):
            run(name, lambda: gripcontrol.validate_sig(token, verifier, iss="pushpin"))


# Items

MESSAGE = '{"user":"alice","room":42,"text":"hello, world"}'


def make_item(number):
    formats = [HttpStreamFormat(MESSAGE + "\n"), WebSocketMessageFormat(MESSAGE)]
    return Item(formats, id=str(number + 1), prev_id=str(number))


def encode(items):
    """What PubControlClient does with items before it sends them."""
    exported = []
    for item in items:
        value = item.export()
        value["channel"] = "room-42"
        exported.append(value)
    return json.dumps({"items": exported}).encode()


def items():
    for size, count in (("1 item", 1), ("100 items", 100)):
        batch = [make_item(number) for number in range(count)]
        body = encode(batch)
        run(f"items, encode {size}", lambda: encode(batch))
        # The libraries do not read items; this is JSON alone, without a check of what is in it.
        run(f"items, parse {size}", lambda: json.loads(body))


# Middleware

GREETING = "hello, world\n"


def hello(request):
    return HttpResponse(GREETING)


def stream(request):
    django_grip.set_hold_stream(
        request, Channel("room-42"), keep_alive_data="\n", keep_alive_timeout=20
    )
    return HttpResponse(GREETING)


urlpatterns = [path("hello", hello), path("stream", stream)]


def handler(*middleware):
    with override_settings(MIDDLEWARE=list(middleware)):
        handler = BaseHandler()
        handler.load_middleware()
        return handler


def middleware():
    names = ["request, without middleware", "request, with middleware", "request, signed and held"]
    if not any(is_wanted(name) for name in names):
        return
    plain, grip = handler(), handler("django_grip.GripMiddleware")
    token = jwt.encode({"exp": int(time.time()) + 3600, "iss": "pushpin"}, SECRET, algorithm="HS256")
    browser = {
        "HTTP_ACCEPT": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
        "HTTP_ACCEPT_ENCODING": "gzip, deflate, br",
        "HTTP_ACCEPT_LANGUAGE": "en-US,en;q=0.5",
        "HTTP_USER_AGENT": "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
    }
    features = ["filter:build-id", "filter:require-sub", "filter:skip-self", "filter:skip-users"]
    features += ["filter:var-subst", "link:gone", "link:next", "session", "status"]
    factory = RequestFactory()
    request = factory.get("/hello", **browser)
    held = factory.get("/stream", HTTP_GRIP_SIG=token, HTTP_GRIP_FEATURE=", ".join(features), **browser)
    response = grip.get_response(held)
    assert response["Grip-Hold"] == "stream" and held.grip.signed
    times = nanoseconds(
        [
            lambda: plain.get_response(request),
            lambda: grip.get_response(request),
            lambda: grip.get_response(held),
        ]
    )
    for name, value in zip(names, times):
        report(name, value)
    for name, value in zip(names[1:], times[1:]):
        report(f"overhead of {name}", value - times[0])


# Publishing

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 10\r\n\r\nPublished\n"


class Sink(asyncio.Protocol):
    """A control API that accepts everything; in a process of its own, so that it leaves the client its lock."""

    def connection_made(self, transport):
        self.transport = transport
        self.data = b""

    def data_received(self, data):
        self.data += data
        while True:
            end = self.data.find(b"\r\n\r\n")
            if end == -1:
                return
            head = self.data[:end].lower()
            at = head.index(b"content-length:") + 15
            size = end + 4 + int(head[at:].split(b"\r\n", 1)[0])
            if len(self.data) < size:
                return
            self.data = self.data[size:]
            self.transport.write(ANSWER)


def serve(connection):
    async def main():
        server = await asyncio.get_running_loop().create_server(Sink, "127.0.0.1", 0, backlog=256)
        connection.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(main())


def publishing():
    names = ["publish, one after the other", "publish, 64 at a time", "publish, enqueued"]
    if not any(is_wanted(name) for name in names):
        return
    # The pool of connections has ten places and tells of each connection beyond them.
    logging.getLogger("urllib3").setLevel(logging.ERROR)
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.Process(target=serve, args=(theirs,), daemon=True)
    process.start()
    publisher = GripPubControl({"control_uri": f"http://127.0.0.1:{ours.recv()}"})
    item = make_item(1)

    def publish(count):
        for _ in range(count):
            publisher.publish("room-42", item, blocking=True)

    def enqueue():
        for _ in range(1000):
            publisher.publish("room-42", item, blocking=False)
        publisher.wait_all_sent()

    run(names[0], lambda: publish(100), 100)
    with ThreadPoolExecutor(64) as pool:
        run(names[1], lambda: list(pool.map(publish, [5] * 64)), 5 * 64)
    run(names[2], enqueue, 1000)
    process.terminate()


if __name__ == "__main__":
    events()
    instructions()
    signatures()
    items()
    middleware()
    publishing()
