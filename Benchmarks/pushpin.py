"""Pushpin with the configuration of its package, apart from where it listens and what is asked for."""

import pathlib
import shutil

from servers import Addresses, NotThere, Server, local, output_of, start_origin

CONFIGURATION = pathlib.Path("/etc/pushpin/pushpin.conf")
LIBRARY = pathlib.Path("/usr/lib/pushpin")

# The package limits deliveries to 2,500 a second.
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


def starting(limits):
    def start(settings, folder, servers):
        origin, clients, control = start_origin(servers), local(), local()
        (folder / "run").mkdir()
        internal = (LIBRARY / "internal.conf").read_text()
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
                "push_in_http_port": control.partition(":")[2],
                **limits,
            },
        }
        configuration = folder / "pushpin.conf"
        configuration.write_text(edited(CONFIGURATION.read_text(), changes))
        with open(folder / "log", "wb") as log:
            servers.append(Server("pushpin", "--config", configuration, "-m", "--loglevel=1", log=log))
        return Addresses(clients, control)

    return start


def version(_):
    if not (shutil.which("pushpin") and CONFIGURATION.exists()):
        raise NotThere("Pushpin is missing: apt-get install pushpin")
    return output_of("pushpin", "--version")
