#!/usr/bin/env python3
"""Prints the functions that a hub goes through for an event that one subscriber gets, in the order in which it comes to
them, behind them what a tserver goes through for an update besides, and what `tclient status` does from its start: what
`order` beside this holds, by which release.sh has the linker lay them side by side.

    BENCH=1 ./scripts/release.sh .build-bench bench tserver tclient
    ./scripts/release/order.py BIN-DIR >order.new && mv order.new scripts/release/order

BIN-DIR is what the first prints. Needs valgrind.

It changes how fast a program is and never what it does: a name that is not there any more is passed over."""
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
# Of what a server executed last: some dozen events, each of which takes 50,000 of a hub, and as an update 60,000.
INSTRUCTIONS = 1_000_000


def main(binaries):
    # Who reads the trace would wait for it without end.
    if not shutil.which("valgrind"):
        raise SystemExit("order: valgrind is missing: apt-get install valgrind")
    hub, tserver, tclient = (os.path.join(binaries, name) for name in ("bench", "tserver", "tclient"))
    last = "tail -n %d" % INSTRUCTIONS
    seen = executed([hub, "hub", "0", "1"], port, deliver, last)
    seen |= executed([tserver, "--port", "0", "--no-access-log"], port, update, last)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        url = "http://127.0.0.1:%d/status" % listening.getsockname()[1]
        seen |= executed([tclient, "status", "--url", url], lambda _: listening.accept()[0], answer, "cat")
    print("# What order.py prints: functions that lie side by side in a release.")
    # What measures is in no release.
    print("\n".join(name for name in seen if name and not name.startswith("$s5bench")))


def executed(command, meet, work, part):
    """The names of a program's functions that it goes through, as keys in their order. `meet` waits for it, `work` is told
    what that returns, and `part` is the filter that leaves of the trace what counts."""
    with tempfile.TemporaryDirectory() as directory:
        trace, addresses = os.path.join(directory, "trace"), os.path.join(directory, "addresses")
        os.mkfifo(trace)
        # Once each is enough.
        reader = subprocess.Popen("grep ^I <%s | %s | awk '!seen[$2]++' >%s" % (trace, part, addresses), shell=True)
        process = subprocess.Popen(["valgrind", "--tool=lackey", "--trace-mem=yes", "--log-file=" + trace] + command,
                                   stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        try:
            met = meet(process)
            names = Names(command[0], process.pid)
            work(met)
        finally:
            process.kill()
        reader.wait()
        with open(addresses) as file:
            return dict.fromkeys(names.at(int(line[1:].split(",")[0], 16)) for line in file)


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


def port(server):
    """Where a server says that it listens."""
    return int(re.search(r"(?:^|:)(\d+)", server.stdout.readline()).group(1))


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


def answer(connection):
    """The status of a translation, once."""
    take(connection, b"GET")
    body = b'{"job":"a","status":"pending","timestamp":1733752895.6343958}'
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
    while connection.recv(65536):
        pass


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
