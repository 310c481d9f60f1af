"""What the machine is, and how busy it is."""

import os
import pathlib
import platform
import time

TICKS = os.sysconf("SC_CLK_TCK")


def busy_time():
    """Processor seconds that all cores have spent on anything."""
    with open("/proc/stat") as file:
        user, nice, system, _idle, _wait, interrupts, soft_interrupts, stolen = map(int, file.readline().split()[1:9])
    return (user + nice + system + interrupts + soft_interrupts + stolen) / TICKS


def wait_until_quiet(limit, most=0.3):
    """Waits until less than `most` of one core is in use, but not longer than `limit` seconds."""
    deadline = time.monotonic() + limit
    while time.monotonic() < deadline:
        busy, start = busy_time(), time.monotonic()
        time.sleep(0.5)
        if (busy_time() - busy) / (time.monotonic() - start) < most:
            return True
    return False


def field_of(path, name):
    try:
        lines = pathlib.Path(path).read_text().splitlines()
    except OSError:
        return None
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(name)), None)


def distribution():
    try:
        return platform.freedesktop_os_release().get("PRETTY_NAME", "Linux")
    except OSError:
        return "Linux"


def description():
    memory = field_of("/proc/meminfo", "MemTotal") or "0 kB"
    return {
        "processor": field_of("/proc/cpuinfo", "model name") or platform.machine(),
        "cores": os.cpu_count(),
        "memory_gib": round(int(memory.split()[0]) / 1048576),
        "kernel": platform.release(),
        "system": distribution(),
    }
