#!/usr/bin/env python3
"""Prints the functions that a hub goes through for an event that one subscriber gets, in the order in which it comes to
them, and behind them what a tserver goes through for an update besides: what `order` beside this holds, by which
release.sh has the linker lay them side by side.

    BENCH=1 ./scripts/release.sh .build-bench bench tserver
    ./scripts/release/order.py BIN-DIR >order.new && mv order.new scripts/release/order

BIN-DIR is what the first prints. Needs valgrind.

It changes how fast a server is and never what it does: a name that is not there any more is passed over."""
import bisect
import http.client
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile

TOPICS, EVENTS = 8, 100
# Of what was executed last: some dozen events, each of which takes 50,000 of a hub, and as an update 60,000.
INSTRUCTIONS = 1_000_000


def main(binaries):
    # Who reads the trace would wait for it without end.
    if not shutil.which("valgrind"):
        raise SystemExit("order: valgrind is missing: apt-get install valgrind")
    hub, tserver = os.path.join(binaries, "bench"), os.path.join(binaries, "tserver")
    seen = executed([hub, "hub", "0", "1"], deliver) | executed([tserver, "--port", "0", "--no-access-log"], update)
    print("# What order.py prints: functions that lie side by side in a release.")
    # What measures is in no release.
    print("\n".join(name for name in seen if name and not name.startswith("$s5bench")))


def executed(command, work):
    """The names of a server's functions that it went through last, as keys in their order."""
    with tempfile.TemporaryDirectory() as directory:
        trace = os.path.join(directory, "trace")
        os.mkfifo(trace)
        last = subprocess.Popen("grep ^I <%s | tail -n %d" % (trace, INSTRUCTIONS), shell=True, text=True,
                                stdout=subprocess.PIPE)
        server = subprocess.Popen(["valgrind", "--tool=lackey", "--trace-mem=yes", "--log-file=" + trace] + command,
                                  stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        try:
            work(int(re.search(r"(?:^|:)(\d+)", server.stdout.readline()).group(1)))
            names = Names(command[0], server.pid)
        finally:
            server.kill()
        return dict.fromkeys(names.at(int(line[1:].split(",")[0], 16)) for line in last.stdout)


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


def deliver(port):
    """Events of a hub, to one subscriber each."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    streams = [follow(port, "/sub/%d" % topic) for topic in range(TOPICS)]
    for number in range(EVENTS):
        ask(connection, "POST", "/pub/%d" % (number % TOPICS), "x" * 64)
        take(streams[number % TOPICS], b"data:")


def update(port):
    """Updates of translations, each of which has one subscriber."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    ids = [json.loads(ask(connection, "POST", "/translations", '{"source":"de","target":"en"}'))["id"]
           for _ in range(TOPICS)]
    streams = [follow(port, "/translations/%s/status" % id) for id in ids]
    for number in range(EVENTS):
        status = '{"status":"running","progress":%g}' % ((number + 1) / EVENTS)
        ask(connection, "PUT", "/translations/%s/status" % ids[number % TOPICS], status)
        take(streams[number % TOPICS], b"running")


def ask(connection, method, path, body):
    connection.request(method, path, body, {"Content-Type": "application/json"})
    response = connection.getresponse()
    content = response.read()
    if response.status >= 300:
        raise SystemExit("order: %d to %s %s" % (response.status, method, path))
    return content


def follow(port, path):
    stream = socket.create_connection(("127.0.0.1", port))
    stream.sendall(b"GET %s HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n" % path.encode())
    take(stream, b"id:")
    return stream


def take(stream, part):
    """Reads up to what has that; heartbeats may come between."""
    while part not in stream.recv(65536):
        pass


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit("usage: ./scripts/release/order.py BIN-DIR >order.new && mv order.new scripts/release/order")
    main(sys.argv[1])
