"""The servers that are measured: each is started with a configuration made for it, in a folder that goes with it.

A contender answers GET /hello, holds clients at /stream, /sse and /ws on the channels that the query names, sends back
what a WebSocket at /ws says, and takes publishes. In front of the origin stand those that are proxies.
"""

import pathlib
import shutil
import tempfile
from dataclasses import dataclass

import nchan
import pushpin
from servers import LOAD, Addresses, NotThere, Server, local, output_of, start_origin, wait_until_ready

GRIP_PROXY = frozenset({"stream", "sse", "ws", "publish", "batch", "echo", "plain", "holds"})
LARGEST = frozenset({"fan19k-ws", "fan19k-sse"})


@dataclass(frozen=True)
class Running:
    """A contender that answers: its addresses, and its servers, of which the last is the one that is measured."""

    servers: list
    addresses: Addresses

    def pids(self):
        return self.servers[-1].pids()

    def all_pids(self):
        return [pid for server in self.servers for pid in server.pids()]

    def stop(self):
        for server in self.servers:
            server.stop()


@dataclass(frozen=True)
class Contender:
    name: str
    title: str
    abilities: frozenset
    start: object  # (settings, folder, servers) -> Addresses; what it starts, it adds to servers
    version: object  # (settings) -> str, or raises NotThere
    only: frozenset = frozenset()  # the cases it takes part in, where not all that it is able to
    skipped: frozenset = frozenset()  # cases, and groups of them, in which it would tell nothing new

    def takes(self, case):
        if self.skipped & {case.group, case.name} or self.only and case.name not in self.only:
            return False
        return case.needs <= self.abilities


class Instance:
    """A context in which a contender runs."""

    def __init__(self, contender, settings):
        self.contender, self.settings = contender, settings

    def __enter__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="grip-bench-"))
        servers = []
        try:
            addresses = self.contender.start(self.settings, self.folder, servers)
            wait_until_ready(addresses, servers, self.folder / "log")
            self.running = Running(servers, addresses)
            return self.running
        except BaseException:
            for server in servers:
                server.stop()
            shutil.rmtree(self.folder, ignore_errors=True)
            raise

    def __exit__(self, *_):
        self.running.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


def start_grip(*arguments):
    return lambda settings, folder, servers: start_grip_with(arguments, settings, folder, servers)


def start_grip_with(arguments, settings, folder, servers):
    origin, clients, control = start_origin(servers), local(), local()
    with open(folder / "log", "wb") as log:
        servers.append(
            Server(
                *(settings.grip, "proxy", "--http-port", clients, "--control-port", control),
                *("--route", f"* {origin},over_http", "--sig-key", "changeme", "--log-level", "error", *arguments),
                log=log,
            )
        )
    return Addresses(clients, control)


def grip_version(settings):
    if not settings.grip.exists():
        raise NotThere(f"{settings.grip} is missing: build it with `swift build -c release --product grip`")
    return output_of(settings.grip, "--version")


def start_ceiling(*arguments):
    def start(settings, folder, servers):
        address, control = local(), local()
        servers.append(Server(LOAD / "ceiling", address, control, *arguments))
        return Addresses(address, control)

    return start


def start_bare_origin(settings, folder, servers):
    address = start_origin(servers)
    return Addresses(address, address)


def start_program(name, *arguments):
    """A program of this package that takes two addresses: for clients and for publishers."""

    def start(settings, folder, servers):
        address, control = local(), local()
        with open(folder / "log", "wb") as log:
            servers.append(Server(getattr(settings, name), address, control, *arguments, log=log))
        return Addresses(address, control)

    return start


def program_version(name):
    def version(settings):
        path = getattr(settings, name)
        if not path.exists():
            raise NotThere(f"{path} is missing")
        return "of this folder"

    return version


def always(_):
    return "of this folder"


CONTENDERS = [
    Contender("grip", "grip proxy", GRIP_PROXY, start_grip(), grip_version, skipped=frozenset({"growth"})),
    Contender(
        "grip1",
        "grip proxy, 1 thread",
        GRIP_PROXY,
        start_grip("--threads", "1"),
        grip_version,
        skipped=frozenset({"idle", "echo1", "echo1000", "plain1", "paced1k", "paced10k"} | LARGEST),
    ),
    Contender(
        "embedded",
        "embedded proxy",
        GRIP_PROXY,
        start_program("embedded"),
        program_version("embedded"),
        only=frozenset({
            *("fan1k", "one2one1k", "publish", "idle10k", "idle10k-ws", "holds"),
            *("echo1", "echo100", "echo1000", "plain1", "plain64"),
        }),
    ),
    Contender(
        "embedded-loop",
        "embedded proxy, handlers on event loops",
        GRIP_PROXY,
        start_program("embedded", "--event-loop"),
        program_version("embedded"),
        only=frozenset({"echo1", "echo100", "echo1000", "plain1", "plain64"}),
    ),
    Contender(
        "native-echo",
        "WebSockets without GRIP, NIO",
        frozenset({"echo"}),
        start_program("native_echo"),
        program_version("native_echo"),
    ),
    Contender(
        "native-async-echo",
        "WebSockets without GRIP, a task each",
        frozenset({"echo"}),
        start_program("native_echo", "--async"),
        program_version("native_echo"),
    ),
    Contender(
        "pushpin",
        "Pushpin",
        GRIP_PROXY,
        pushpin.starting(pushpin.UNLIMITED),
        pushpin.version,
        skipped=frozenset({"growth", "alone1k", "alone10k", "idle19k", "idle19k-ws"} | LARGEST),
    ),
    Contender(
        "pushpin-stock",
        "Pushpin as packaged",
        GRIP_PROXY,
        pushpin.starting({}),
        pushpin.version,
        only=frozenset({"fan1k"}),
    ),
    Contender("nchan1", "Nchan, 1 worker", GRIP_PROXY - {"echo"}, nchan.starting(1), nchan.version),
    Contender(
        "nchan2",
        "Nchan, 2 workers",
        GRIP_PROXY - {"echo"},
        nchan.starting(2),
        nchan.version,
        only=frozenset({
            *("fan1k", "fan10k", "fan1k-batch10", "one2one1k", "one2one1k-batch100", "publish"),
        }),
    ),
    Contender(
        "ceiling",
        "ceiling",
        GRIP_PROXY - {"echo", "plain"},
        start_ceiling(),
        always,
        skipped=frozenset({"idle", "growth"}),
    ),
    Contender(
        "ceiling-coalesced",
        "ceiling, coalesced",
        frozenset({"stream", "ws", "sse", "batch"}),
        start_ceiling("--coalesce"),
        always,
        only=frozenset({"fan1k-batch10", "one2one1k-batch100"}),
    ),
    Contender("origin", "origin without a proxy", frozenset({"plain"}), start_bare_origin, always),
]
