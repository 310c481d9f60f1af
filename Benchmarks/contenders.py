"""The servers that are measured: each is started with a configuration made for it, in a folder that goes with it.

A contender answers GET /hello, holds clients at /stream, /sse and /ws on the channels that the query names, and takes
publishes. In front of the origin stand those that are proxies.
"""

import http.client
import os
import pathlib
import pwd
import resource
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from dataclasses import dataclass, field

HERE = pathlib.Path(__file__).resolve().parent
LOAD = HERE / ".build" / "load"
NGINX_MODULE = pathlib.Path("/usr/lib/nginx/modules/ngx_nchan_module.so")
PUSHPIN_CONFIGURATION = pathlib.Path("/etc/pushpin/pushpin.conf")
PUSHPIN_LIBRARY = pathlib.Path("/usr/lib/pushpin")

GRIP_PROXY = frozenset({"stream", "sse", "ws", "publish", "batch", "echo", "plain", "holds"})


class NotThere(Exception):
    """What a contender needs is not installed or not built."""


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def file_limit():
    return resource.getrlimit(resource.RLIMIT_NOFILE)[1]


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

    def pids(self):
        return processes_of(self.process.pid)

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                pass
        # A session ends with its last process, so no stranger can have its id before that.
        deadline = time.monotonic() + 2
        while self.pids() and time.monotonic() < deadline:
            time.sleep(0.05)
        for pid in self.pids():
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        self.process.wait()


@dataclass
class Running:
    """A contender that answers."""

    servers: list
    http: str
    control: str
    options: list = field(default_factory=list)  # of the load generator, where it differs from GRIP
    measured: int = 0  # which of the servers memory and processor time are taken of

    def pids(self):
        return self.servers[self.measured].pids()

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
    start: object  # (settings, folder) -> (servers, http, control, options)
    version: object  # (settings) -> str, or raises NotThere
    only: frozenset = frozenset()  # the cases it takes part in, where not all that it is able to

    def takes(self, case):
        return case.needs <= self.abilities and (not self.only or case.name in self.only)


class Instance:
    """A context in which a contender runs."""

    def __init__(self, contender, settings):
        self.contender, self.settings = contender, settings

    def __enter__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="grip-bench-"))
        self.running = None
        servers = []
        try:
            http_address, control, options, measured = self.contender.start(self.settings, self.folder, servers)
            self.running = Running(servers, http_address, control, options, measured)
            wait_until_answered(http_address, servers, self.folder)
            wait_until_open(control)
            return self.running
        except BaseException:
            for server in servers:
                server.stop()
            shutil.rmtree(self.folder, ignore_errors=True)
            raise

    def __exit__(self, *_):
        self.running.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


def wait_until_answered(address, servers, folder, limit=15):
    deadline = time.monotonic() + limit
    while time.monotonic() < deadline:
        try:
            connection = http.client.HTTPConnection(address, timeout=2)
            connection.request("GET", "/hello")
            if connection.getresponse().status == 200:
                return
        except (OSError, http.client.HTTPException):
            pass
        finally:
            connection.close()
        if any(server.process.poll() is not None for server in servers):
            break
        time.sleep(0.05)
    log = folder / "log"
    raise RuntimeError(f"no answer from {address}\n{log.read_text()[-2000:] if log.exists() else ''}")


def wait_until_open(address, limit=10):
    host, _, port = address.partition(":")
    deadline = time.monotonic() + limit
    while True:
        try:
            socket.create_connection((host, int(port)), 1).close()
            return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def local():
    return f"127.0.0.1:{free_port()}"


def start_origin(servers):
    address = local()
    servers.append(Server(LOAD / "origin", address))
    return address


# grip proxy


def start_grip(settings, folder, servers):
    origin, clients, control = start_origin(servers), local(), local()
    with open(folder / "log", "wb") as log:
        servers.append(
            Server(
                *(settings.grip, "proxy", "--http-port", clients, "--control-port", control),
                *("--route", f"* {origin},over_http", "--sig-key", "changeme", "--log-level", "error"),
                log=log,
            )
        )
    return clients, control, [], 1


def grip_version(settings):
    if not settings.grip.exists():
        raise NotThere(f"{settings.grip} is missing: build it with `swift build -c release --product grip`")
    return output_of(settings.grip, "--version")


# Pushpin

UNLIMITED = {"message_rate": "-1", "message_hwm": "-1"}


def edited(text, changes):
    """A configuration file with other values: {section: {key: value}}."""
    lines, section, left = [], None, {name: dict(values) for name, values in changes.items()}

    def add_rest():
        for key, value in left.pop(section, {}).items():
            lines.append(f"{key}={value}")

    for line in text.splitlines():
        word = line.strip()
        if word.startswith("["):
            add_rest()
            section = word.strip("[]")
        key = word.partition("=")[0].strip()
        if key in left.get(section, {}):
            line = f"{key}={left[section].pop(key)}"
        lines.append(line)
    add_rest()
    return "\n".join(lines) + "\n"


def start_pushpin(limits):
    def start(settings, folder, servers):
        origin, clients, control_port = start_origin(servers), local(), free_port()
        (folder / "run").mkdir()
        internal = (PUSHPIN_LIBRARY / "internal.conf").read_text()
        # Where Zurl is a service of the system, this one still needs its own.
        internal = internal.replace("ipc:///var/run/zurl/", "ipc://{rundir}/{ipc_prefix}")
        (folder / "internal.conf").write_text(internal)
        (folder / "routes").write_text(f"* {origin},over_http\n")
        has_manager = "connmgr_in_specs" in internal
        services = "connmgr,proxy,handler" if has_manager else "condure,zurl,pushpin-proxy,pushpin-handler"
        changes = {
            "global": {"include": folder / "internal.conf", "rundir": folder / "run"},
            "runner": {"services": services, "http_port": clients, "logdir": folder, "log_level": 1},
            "proxy": {"routesfile": "routes"},
            "handler": {
                "push_in_spec": f"ipc://{folder}/run/push-in",
                "push_in_sub_specs": f"ipc://{folder}/run/push-in-sub",
                "command_spec": f"ipc://{folder}/run/command",
                "push_in_http_port": control_port,
                **limits,
            },
        }
        configuration = folder / "pushpin.conf"
        configuration.write_text(edited(PUSHPIN_CONFIGURATION.read_text(), changes))
        with open(folder / "log", "wb") as log:
            servers.append(Server("pushpin", "--config", configuration, "-m", "--loglevel=1", log=log))
        return clients, f"127.0.0.1:{control_port}", [], 1

    return start


def pushpin_version(_):
    if not (shutil.which("pushpin") and PUSHPIN_CONFIGURATION.exists()):
        raise NotThere("Pushpin is missing: apt-get install pushpin")
    return output_of("pushpin", "--version")


# nginx with Nchan. GRIP proxies keep no messages, so it keeps none that it need not.

NGINX = """\
load_module {module};
user {user};
worker_processes {workers};
worker_rlimit_nofile {files};
daemon off;
pid {folder}/pid;
error_log stderr error;
events {{
    worker_connections 20000;
}}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    keepalive_requests 1000000000;
    nchan_shared_memory_size 512M;
    nchan_message_buffer_length {kept};
    nchan_message_timeout 10s;
    upstream origin {{
        server {origin};
        keepalive 256;
        keepalive_requests 1000000000;
    }}
    server {{
        listen {address} backlog=4096;
        location = /publish {{
            nchan_publisher http;
            nchan_channel_id $arg_ch;
        }}
{subscribers}
        location / {{
            proxy_pass http://origin;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
        }}
    }}
}}
"""


NCHAN_SUBSCRIBER = """\
        location = /{path} {{
            nchan_subscriber {kind};
            nchan_channel_id $arg_ch;
            nchan_channel_id_split_delimiter ",";
            nchan_subscriber_first_message newest;
        }}"""

NCHAN_KINDS = {"stream": "http-raw-stream", "sse": "eventsource", "ws": "websocket"}


def start_nchan(workers):
    def start(settings, folder, servers):
        origin, address = start_origin(servers), local()
        configuration = folder / "nginx.conf"
        configuration.write_text(
            NGINX.format(
                module=NGINX_MODULE,
                user=pwd.getpwuid(os.getuid()).pw_name,
                workers=workers,
                files=file_limit(),
                folder=folder,
                kept=settings.nchan_kept,
                origin=origin,
                address=address,
                subscribers="\n".join(
                    NCHAN_SUBSCRIBER.format(path=path, kind=kind) for path, kind in NCHAN_KINDS.items()
                ),
            )
        )
        with open(folder / "log", "wb") as log:
            servers.append(Server("nginx", "-c", configuration, "-p", folder, log=log))
        return address, address, ["--publish", "raw", "--publish-path", "/publish", "--separator", ","], 1

    return start


def nchan_version(_):
    if not (shutil.which("nginx") and NGINX_MODULE.exists()):
        raise NotThere("nginx with Nchan is missing: apt-get install nginx libnginx-mod-nchan")
    package = output_of("dpkg-query", "--show", "--showformat", "${Version}", "libnginx-mod-nchan")
    return f"{output_of('nginx', '-v').rpartition('/')[2]}, Nchan {package}"


# Others


def start_ceiling(*arguments):
    def start(settings, folder, servers):
        address, control = local(), local()
        servers.append(Server(LOAD / "ceiling", address, control, *arguments))
        return address, control, [], 0

    return start


def start_bare_origin(settings, folder, servers):
    address = start_origin(servers)
    return address, address, [], 0


def start_program(name):
    """A program of this package that takes two addresses: for clients and for publishers."""

    def start(settings, folder, servers):
        address, control = local(), local()
        with open(folder / "log", "wb") as log:
            servers.append(Server(getattr(settings, name), address, control, log=log))
        return address, control, [], 0

    return start


def program_version(name):
    def version(settings):
        path = getattr(settings, name)
        if not path.exists():
            raise NotThere(f"{path} is missing")
        return grip_version(settings) if settings.grip.exists() else "as built"

    return version


def output_of(*command):
    result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    return result.stdout.strip()


def always(_):
    return "of this folder"


CONTENDERS = [
    Contender("grip", "grip proxy", GRIP_PROXY, start_grip, grip_version),
    Contender("embedded", "embedded proxy", GRIP_PROXY, start_program("embedded"), program_version("embedded")),
    Contender(
        "native-echo",
        "WebSockets without GRIP",
        frozenset({"echo"}),
        start_program("native_echo"),
        program_version("native_echo"),
    ),
    Contender("pushpin", "Pushpin", GRIP_PROXY, start_pushpin(UNLIMITED), pushpin_version),
    Contender(
        "pushpin-stock",
        "Pushpin as packaged",
        GRIP_PROXY,
        start_pushpin({}),
        pushpin_version,
        only=frozenset({"fan1k", "one2one1k"}),
    ),
    Contender("nchan1", "Nchan, 1 worker", GRIP_PROXY - {"echo"}, start_nchan(1), nchan_version),
    Contender("nchan2", "Nchan, 2 workers", GRIP_PROXY - {"echo"}, start_nchan(2), nchan_version),
    Contender("ceiling", "ceiling", GRIP_PROXY - {"echo", "plain"}, start_ceiling(), always),
    Contender(
        "ceiling-coalesced",
        "ceiling, items of a POST in one write",
        frozenset({"stream", "ws", "sse", "batch"}),
        start_ceiling("--coalesce"),
        always,
        only=frozenset({"fan1k-batch10", "one2one1k-batch100"}),
    ),
    Contender("origin", "origin without a proxy", frozenset({"plain"}), start_bare_origin, always),
]
