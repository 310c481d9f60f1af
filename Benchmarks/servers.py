"""Programs that run while they are measured, and what they need and use."""

import http.client
import os
import pathlib
import resource
import signal
import socket
import subprocess
import time
from dataclasses import dataclass

HERE = pathlib.Path(__file__).resolve().parent
LOAD = HERE / ".build" / "load"


class NotThere(Exception):
    """What is to be measured is not installed or not built."""


def local():
    """An address of this machine with a free port."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{listener.getsockname()[1]}"


def file_limit():
    return resource.getrlimit(resource.RLIMIT_NOFILE)[1]


def output_of(*command):
    result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    return result.stdout.strip()


def fields_of(pid):
    """The fields of /proc/PID/stat behind the name, or None if there is no such process."""
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None


def processes_of(session):
    """The ids of all processes of a session, its first one included."""
    found = []
    for name in os.listdir("/proc"):
        fields = fields_of(name) if name.isdigit() else None
        if fields and int(fields[3]) == session and fields[0] != "Z":
            found.append(int(name))
    return sorted(found)


def processor_time(pids):
    ticks = 0
    for pid in pids:
        fields = fields_of(pid)
        if fields:
            ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def set_group_niceness(pid):
    """Between sessions, Linux may look at the niceness of the session instead of that of the process."""
    try:
        pathlib.Path(f"/proc/{pid}/autogroup").write_text(str(os.nice(0)))
    except OSError:
        pass


@dataclass(frozen=True)
class Addresses:
    http: str
    control: str
    options: tuple = ()  # of the load generator, where publishing differs from GRIP


class Server:
    """A program in a session of its own, with whatever it starts there."""

    def __init__(self, *command, log=subprocess.DEVNULL):
        limit = file_limit()
        self.process = subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit)),
        )
        set_group_niceness(self.process.pid)

    def pids(self):
        return processes_of(self.process.pid)

    def stop(self):
        # A process that has ended keeps its id until it is waited for, and a session keeps that of its first process
        # until its last one ends: no stranger is hit.
        others = [pid for pid in self.pids() if pid != self.process.pid]
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        deadline = time.monotonic() + 2
        while (left := set(others) & set(self.pids())) and time.monotonic() < deadline:
            time.sleep(0.05)
        for pid in left:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass


def start_origin(servers):
    address = local()
    servers.append(Server(LOAD / "origin", address))
    return address


def answers(address):
    connection = http.client.HTTPConnection(address, timeout=2)
    try:
        connection.request("GET", "/hello")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def is_open(address):
    host, _, port = address.partition(":")
    try:
        socket.create_connection((host, int(port)), 1).close()
        return True
    except OSError:
        return False


def wait_until_ready(addresses, servers, log, limit=15):
    deadline = time.monotonic() + limit
    while not (answers(addresses.http) and is_open(addresses.control)):
        if time.monotonic() > deadline or any(server.process.poll() is not None for server in servers):
            end = log.read_text(errors="replace")[-500:] if log.exists() else ""
            raise RuntimeError(f"no answer from {addresses.http} {end}")
        time.sleep(0.05)
    # The parts of a server may still be getting to know each other.
    time.sleep(1)
