#!/usr/bin/env python3
"""Prints the functions that a tserver goes through for an update that one subscriber gets, in the order in which it comes
to them: what `order` beside this holds, by which release.sh has the linker lay them side by side.

    ./scripts/release/order.py BIN-DIR >scripts/release/order    BIN-DIR: what release.sh prints; needs valgrind

It changes how fast a tserver is and never what it does: a name that is not there any more is passed over."""
import bisect
import http.client
import json
import os
import re
import socket
import subprocess
import sys
import tempfile

TRANSLATIONS, UPDATES = 8, 100
# Of what was executed last: some dozen updates, each of which takes some 30,000.
INSTRUCTIONS = 1_000_000


def main(binaries):
    tserver = os.path.join(binaries, "tserver")
    with tempfile.TemporaryDirectory() as directory:
        trace = os.path.join(directory, "trace")
        os.mkfifo(trace)
        last = subprocess.Popen("grep ^I <%s | tail -n %d" % (trace, INSTRUCTIONS), shell=True, text=True,
                                stdout=subprocess.PIPE)
        command = ["valgrind", "--tool=lackey", "--trace-mem=yes", "--log-file=" + trace, tserver, "--port", "0",
                   "--no-access-log"]
        server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        try:
            publish(int(re.search(r":(\d+)", server.stdout.readline()).group(1)))
            names = Names(tserver, server.pid)
        finally:
            server.kill()
        seen = dict.fromkeys(names.at(int(line[1:].split(",")[0], 16)) for line in last.stdout)
    print("# What order.py prints: functions that lie side by side in a release.")
    # First what any server goes through.
    print("\n".join(sorted(filter(None, seen), key=lambda name: bool(re.search("Translation|7tserver", name)))))


class Names:
    """The functions of a process's program, by address."""

    def __init__(self, program, process):
        path = os.path.realpath(program)
        with open("/proc/%d/maps" % process) as file:
            self.base = min(int(line.split("-")[0], 16) for line in file if line.rstrip().endswith(path))
        listed = subprocess.run(["nm", "--defined-only", program], check=True, capture_output=True, text=True).stdout
        symbols = sorted((int(address, 16), kind, name) for address, kind, name in
                         (line.split(maxsplit=2) for line in listed.splitlines()))
        self.end = max(address for address, kind, _ in symbols if kind in "tT")
        self.symbols = [(address, name) for address, kind, name in symbols if kind in "tTwW"]
        self.addresses = [address for address, _ in self.symbols]

    def at(self, address):
        """None if it is one of a library's."""
        index = bisect.bisect_right(self.addresses, address - self.base) - 1
        return self.symbols[index][1] if index >= 0 and address - self.base <= self.end else None


def publish(port):
    connection = http.client.HTTPConnection("127.0.0.1", port)
    ids = [json.loads(ask(connection, "POST", "/translations", {"source": "de", "target": "en"}))["id"]
           for _ in range(TRANSLATIONS)]
    streams = [follow(port, id) for id in ids]
    for number in range(UPDATES):
        update = {"status": "running", "progress": (number + 1) / UPDATES}
        ask(connection, "PUT", "/translations/%s/status" % ids[number % TRANSLATIONS], update)
        # Heartbeats may come between.
        while b"running" not in streams[number % TRANSLATIONS].recv(65536):
            pass


def ask(connection, method, path, body):
    connection.request(method, path, json.dumps(body), {"Content-Type": "application/json"})
    response = connection.getresponse()
    content = response.read()
    if response.status >= 300:
        raise SystemExit("order: %d to %s %s" % (response.status, method, path))
    return content


def follow(port, id):
    stream = socket.create_connection(("127.0.0.1", port))
    stream.sendall(b"GET /translations/%s/status HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n" % id.encode())
    while b"data:" not in stream.recv(65536):
        pass
    return stream


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit("usage: scripts/release/order.py BIN-DIR >scripts/release/order")
    main(sys.argv[1])
