"""The proxy as a process: starting it, measuring it, and what it writes to its log."""

import asyncio
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]


def find(path=None):
    """The program that was named, or the one that was built."""
    for candidate in [path] if path else [ROOT / ".build/release/grip", ROOT / ".build/debug/grip"]:
        if os.access(candidate, os.X_OK):
            return str(candidate)
    if path:
        sys.exit(f"{path} is not a program")
    subprocess.run(["swift", "build", "--product", "grip"], cwd=ROOT, check=True)
    return str(ROOT / ".build/debug/grip")


def free_port():
    """A port below the range that systems use for outgoing connections, so that none of those takes it."""
    for port in range(20000 + os.getpid() * 37 % 11000, 32000):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            if port not in free_port.given:
                free_port.given.add(port)
                return port
    raise RuntimeError("no port is free")


free_port.given = set()


class Proxy:
    """A running proxy."""

    def __init__(self, program, origin_port, log, settings=None, ports=None):
        """Starts it.

        - ports: Where it listens, for clients and for publishers, if not somewhere new.
        """
        self.http_port, self.control_port = ports or (free_port(), free_port())
        self.log = log
        # One heap that gives back what it does not need: else memory that is free looks like memory that is lost.
        heap = {"MALLOC_ARENA_MAX": "1", "MALLOC_TRIM_THRESHOLD_": "65536"}
        arguments = [
            program, "proxy",
            "--http-port", f"127.0.0.1:{self.http_port}",
            "--control-port", f"127.0.0.1:{self.control_port}",
            "--route", f"* 127.0.0.1:{origin_port},over_http",
            "--sig-key", "changeme",
        ]  # fmt: skip
        with open(log, "ab" if ports else "wb") as output:
            self.process = subprocess.Popen(
                arguments,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env={**os.environ, **heap, **(settings or {})},
            )

    async def listens(self):
        for _ in range(400):
            try:
                for port in self.http_port, self.control_port:
                    _, writer = await asyncio.open_connection("127.0.0.1", port)
                    writer.close()
                return
            except OSError:
                if self.process.poll() is not None:
                    break
                await asyncio.sleep(0.05)
        raise RuntimeError(f"the proxy does not start:\n{self.log_text()}")

    @property
    def is_running(self):
        return self.process.poll() is None

    def memory(self):
        """What it has of memory by itself, in bytes, or nothing where the system does not tell."""
        try:
            with open(f"/proc/{self.process.pid}/smaps_rollup") as file:
                text = file.read()
        except OSError:
            return None
        return Memory(*(int(re.search(rf"^{name}:\s+(\d+)", text, re.M)[1]) * 1024 for name in ("Rss", "Pss")))

    @staticmethod
    def connections_to(port):
        """How many connections to a port of this machine are open on the side that made them."""
        count = 0
        with open("/proc/net/tcp") as file:
            for line in list(file)[1:]:
                _, _, remote, state = line.split()[:4]
                # Established, or closed by the other side.
                count += int(remote.split(":")[1], 16) == port and state in ("01", "08")
        return count

    def sockets(self):
        """Its connections: the ports of both sides and the state, as the system writes it."""
        folder, inodes = f"/proc/{self.process.pid}/fd", set()
        for name in os.listdir(folder):
            match = re.match(r"socket:\[(\d+)\]", os.readlink(f"{folder}/{name}"))
            if match:
                inodes.add(match[1])
        with open("/proc/net/tcp") as file:
            lines = [line.split() for line in list(file)[1:]]
        port = lambda text: int(text.split(":")[1], 16)
        return [f"{port(one[1])}-{port(one[2])} ({one[3]})" for one in lines if one[9] in inodes]

    def descriptors(self):
        try:
            return len(os.listdir(f"/proc/{self.process.pid}/fd"))
        except OSError:
            return None

    def stop(self):
        """Ends it and returns the status with which it ended."""
        if self.is_running:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(timeout=40)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()

    def kill(self):
        """Ends it as a machine that fails does."""
        self.process.kill()
        self.process.wait()

    def log_text(self):
        with open(self.log, errors="replace") as file:
            return file.read()

    def complaints(self, expected=None):
        """Lines of the log that should not be there: warnings, errors, and what a crash leaves.

        A warning is no complaint when it contains a match of the pattern `expected`, or when it is about a machine that
        lets the proxy open fewer files than the default of `limits.connections`.
        """
        usual = re.compile(r"^\S+ (trace|debug|info|notice) ")
        small = r"'limits\.connections' is \d+, but"
        known = re.compile(rf"^\S+ warning .*({small}|{expected})" if expected else rf"^\S+ warning .*({small})")
        lines = (line for line in self.log_text().splitlines() if line.strip())
        return [line for line in lines if not usual.match(line) and not known.match(line)]


class Memory:
    def __init__(self, rss, pss):
        self.rss, self.pss = rss, pss

    def __str__(self):
        return f"{self.rss / 1e6:.1f} MB"
