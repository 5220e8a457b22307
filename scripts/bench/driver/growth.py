"""growth.py BINARIES FILE.svg      Called by scripts/bench-growth.sh."""
import json
import os
import resource
import socket
import sys

import load
import machine
from hubs import Hubs, free_port, running
from measure import alternate
from plot import plot

sys.path.append(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from jobs import Connection, request  # noqa: E402

ROUNDS = 3


def middle(values):
    return sorted(values)[len(values) // 2]


def subscribers(binaries, counts, shards):
    """For each number: bytes a subscriber, CPU of an event to all, of an event to one."""
    start = Hubs(os.path.join(binaries, "bench"), None, None).ours(shards)

    def contender(**plan):
        def measured():
            port = free_port()
            with start(port) as process:
                return load.load(port, process, **plan)
        return measured

    to_all = alternate(ROUNDS, {count: contender(subscribers=count, rate=2, events=6) for count in counts})
    to_one = alternate(ROUNDS, {count: contender(subscribers=count, rate=500, events=1000, topics=count) for count in counts})
    rows = []
    for count in counts:
        all_of_them, one = to_all[count], to_one[count]
        row = {"subscribers": count, "bytes": middle([run["bytes_each"] for run in all_of_them]),
               "broadcast": middle([run["delivery_us"] for run in all_of_them]),
               "p99": middle([run["p99_ms"] for run in all_of_them]),
               "one": middle([run["delivery_us"] for run in one])}
        rows.append(row)
        print("%d shard%s, %6d subscribers: %4.0f bytes each; to all %5.2f us a delivery, p99 %5.1f ms; to one %5.1f us"
              % (shards, "s" if shards > 1 else " ", count, row["bytes"], row["broadcast"], row["p99"], row["one"]), flush=True)
    return rows


def translations(binaries, counts, followed=500, updates=4000):
    """For each number: bytes a translation, CPU of an update to one that has a subscriber."""
    rows = []
    for count in counts:
        port = free_port()
        command = [os.path.join(binaries, "tserver"), "--port", port, "--no-access-log", "--heartbeat", 0, "--max-jobs", 200_000]
        with running(command, port) as process:
            connection = Connection(port)
            before = machine.resident_kib(process.pid)
            new = request("POST", "/translations", '{"source":"de","target":"en","title":"A title of some length"}')
            ids = [json.loads(connection.ask(new))["id"] for _ in range(count)]
            memory = (machine.resident_kib(process.pid) - before) * 1024 / count
            streams = []
            for id in ids[::max(1, count // followed)][:followed]:
                stream = socket.create_connection(("127.0.0.1", port))
                stream.sendall(b"GET /translations/%s/status HTTP/1.1\r\nHost: a\r\n\r\n" % id.encode())
                stream.recv(4096)
                streams.append((id, stream))
            spent = machine.cpu_seconds(process.pid)
            for number in range(updates):
                id, stream = streams[number % len(streams)]
                body = '{"status":"running","progress":%.6f}' % (number / updates)
                connection.ask(request("PUT", "/translations/%s/status" % id, body))
                stream.recv(4096)
            spent = (machine.cpu_seconds(process.pid) - spent) / updates * 1e6
            for _, stream in streams:
                stream.close()
        rows.append({"translations": count, "bytes": memory, "update": spent})
        print("%6d translations: %4.0f bytes each; an update of one with a subscriber %5.1f us" % (count, memory, spent), flush=True)
    return rows


def main(binaries, path):
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
    load.tclient = os.path.join(binaries, "tclient")
    # The server keeps a quarter of its descriptors for everything else.
    counts = [1_000, 2_000, 5_000, 10_000] + [largest for largest in (14_000, 19_000) if largest <= limit * 19 // 20][-1:]
    one = subscribers(binaries, counts, 1)
    two = subscribers(binaries, counts, 2)
    jobs = translations(binaries, [1_000, 10_000, 100_000])
    plot(path, "%(cpu)s, %(cores)d cores" % machine.describe(), [
        {"title": "Memory of an idle subscriber, bytes", "x": "subscribers",
         "lines": {"1 shard": [(r["subscribers"], r["bytes"]) for r in one], "2 shards": [(r["subscribers"], r["bytes"]) for r in two]}},
        {"title": "CPU of an event to all, µs a delivery", "x": "subscribers",
         "lines": {"1 shard": [(r["subscribers"], r["broadcast"]) for r in one], "2 shards": [(r["subscribers"], r["broadcast"]) for r in two]}},
        {"title": "CPU of an event to one, with its publication, µs", "x": "subscribers",
         "lines": {"1 shard": [(r["subscribers"], r["one"]) for r in one], "2 shards": [(r["subscribers"], r["one"]) for r in two]}},
        {"title": "Translations: bytes each (100 B), CPU of an update (µs)", "x": "translations", "log": True,
         "lines": {"bytes / 100": [(r["translations"], r["bytes"] / 100) for r in jobs], "update": [(r["translations"], r["update"]) for r in jobs]}},
    ])
    with open(os.path.splitext(path)[0] + ".json", "w") as file:
        json.dump({"machine": machine.describe(), "one shard": one, "two shards": two, "translations": jobs}, file, indent=1)
    print("saved as %s" % path)


main(*sys.argv[1:])
