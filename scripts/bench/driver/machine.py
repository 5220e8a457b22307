"""What the measurements ran on, and what a process costs it."""
import os
import platform
import re
import subprocess
import time


def describe():
    return {"cpu": _first(r"model name\s*: (.*)", "/proc/cpuinfo"), "cores": len(os.sched_getaffinity(0)),
            "kernel": platform.release(), "system": _first(r'PRETTY_NAME="(.*)"', "/etc/os-release"),
            "load_average": list(os.getloadavg()), "date": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}


def version(*command):
    """The first line that has a version's number in it; None if there is no such program."""
    try:
        answer = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return next((line.strip() for line in answer.stdout.splitlines() if re.search(r"\d+\.\d+", line)), None)


def resident_kib(process, part="VmRSS"):
    """Of a process and its children. The part RssAnon is without the pages of programs and libraries."""
    total = 0
    for member in tree(process):
        total += int(_first(part + r":\s*(\d+)", "/proc/%d/status" % member))
    return total


def cpu_seconds(process):
    """Of all threads of a process and its children, in nanoseconds' resolution."""
    total = 0
    for member in tree(process):
        for thread in os.listdir("/proc/%d/task" % member):
            try:
                with open("/proc/%d/task/%s/schedstat" % (member, thread)) as file:
                    total += int(file.read().split()[0])
            except FileNotFoundError:
                pass
    return total / 1e9


def tree(process):
    members = [process]
    for member in members:
        for thread in os.listdir("/proc/%d/task" % member):
            with open("/proc/%d/task/%s/children" % (member, thread)) as file:
                members += map(int, file.read().split())
    return members


def _first(pattern, path):
    with open(path) as file:
        found = re.search(pattern, file.read())
    return found.group(1) if found else None
