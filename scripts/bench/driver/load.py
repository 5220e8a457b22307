"""Subscribers and a publisher against one server, and what that costs the server."""
import json
import subprocess
import time

import machine


def load(program, port, process, subscribers, rate, events, topics=1):
    """Connects the subscribers, waits a second, then publishes so many events at a rate a second, and waits until all have
    arrived. A delay counts from when an event was due. CPU and memory are of the process and its children."""
    idle, memory = machine.cpu_seconds(process.pid), machine.resident_kib(process.pid)
    command = [str(part) for part in (program, port, subscribers, topics, rate, events)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as side:
        side.stdout.readline()
        accepted = machine.cpu_seconds(process.pid) - idle
        time.sleep(1)
        memory = machine.resident_kib(process.pid) - memory
        before = machine.cpu_seconds(process.pid)
        side.stdin.write("\n")
        side.stdin.flush()
        result = json.loads(side.stdout.readline())
        spent = machine.cpu_seconds(process.pid) - before
        side.stdin.close()
    if result["failed"] or result["refused"] or result["deliveries"] == 0:
        raise SystemExit("bench: the load failed: %s" % result)
    return {**result, "accept_us": accepted / subscribers * 1e6, "bytes_each": memory * 1024 / subscribers,
            "delivery_us": spent / result["deliveries"] * 1e6,
            "complete": result["deliveries"] >= result["published"] * subscribers // topics}
