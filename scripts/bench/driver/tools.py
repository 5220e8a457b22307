"""tserver and tclient as people run them."""
import json
import os
import socket
import subprocess
import sys
import time

import machine
from hubs import free_port, running
from measure import alternate, each, ratios, run_json, run_timed

sys.path.append(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from jobs import BATCH, Connection, request  # noqa: E402

LEAST = "a timer, a send and a receive, in C"


def measure(table, binaries, peers, rounds, quick):
    seed(table, binaries, peers, 1, 1.3, 3 if quick else 15)
    seed(table, binaries, peers, 100 if quick else 1_000, 2.5, rounds)
    start(table, os.path.join(binaries, "tserver"), 5 if quick else 15)
    status(table, binaries, 5 if quick else 100)
    publish(table, os.path.join(binaries, "tserver"), rounds, 2_000 if quick else 10_000)


def serve(tserver, port, delay=3600):
    return running([tserver, "--port", port, "--delay", delay, "--heartbeat", 0, "--no-access-log",
                    "--max-connections", 15_000], port)


def seed(table, binaries, peers, clients, seconds, rounds):
    """A job that is pending until it is completed."""
    def contender(start):
        port = free_port()
        with start(port):
            result = run_json(os.path.join(binaries, "bench"), "seed", "http://127.0.0.1:%d/status" % port, clients)
        if result["late"]:
            raise SystemExit("bench: %d clients came after the end" % result["late"])
        return result

    def fastapi(way):
        return lambda: contender(
            lambda port: running([peers.python, peers.script("seed.py"), port, seconds, way], port))

    contenders = {"tserver": lambda: contender(lambda port: serve(os.path.join(binaries, "tserver"), port, seconds))}
    if peers.python:
        contenders.update({"FastAPI": fastapi("due"), "FastAPI, from when its timer has fired": fastapi("waiting"),
                           "FastAPI, looking once a second": fastapi("polling")})
    if clients == 1:
        contenders[LEAST] = lambda: run_json(peers.due, seconds)
    results = alternate(rounds, contenders)
    table.section("Scenario: from the time of 'completed' to its arrival, %s client%s"
                  % (format(clients, ","), "s" if clients > 1 else ""),
                  "Counted from when the job was due to end, which tserver tells. Python's usual timestamp is taken "
                  "when the timer has fired.")
    times = {name: each(runs, lambda run: run["p50_ms"]) for name, runs in results.items()}
    for name in contenders:
        table.figure("%s, p50" % name, times[name], "ms")
        if clients > 1:
            table.figure("%s, p99" % name, each(results[name], lambda run: run["p99_ms"]), "ms")
    if peers.python:
        table.figure("  tserver / FastAPI, p50", ratios(times["tserver"], times["FastAPI"]), "", at_most=0.5)
        table.figure("  tserver / FastAPI from when its timer has fired, p50",
                     ratios(times["tserver"], times["FastAPI, from when its timer has fired"]), "")
        if LEAST in times:
            table.figure("  %s / FastAPI, p50" % LEAST, ratios(times[LEAST], times["FastAPI"]), "")


def start(table, tserver, rounds):
    times, memory, own = [], [], []
    for _ in range(rounds):
        begin = time.perf_counter()
        process = subprocess.Popen([tserver, "--port", "0", "--no-access-log"], stdout=subprocess.PIPE, text=True)
        try:
            port = int(process.stdout.readline().rsplit(":", 1)[1].split("/")[0])
            with socket.create_connection(("127.0.0.1", port)) as client:
                client.sendall(b"GET /status HTTP/1.1\r\nHost: a\r\n\r\n")
                client.recv(1)
                times.append((time.perf_counter() - begin) * 1000)
                memory.append(machine.resident_kib(process.pid) * 1024 / 1e6)
                own.append(machine.resident_kib(process.pid, "RssAnon") * 1024 / 1e6)
        finally:
            process.kill()
            process.wait()
    table.section("tserver: start")
    table.figure("from its start to the first byte of /status", times, "ms", at_most=30)
    table.figure("memory, one subscriber", memory, "MB", at_most=10)
    table.figure("  without the pages of the program and its libraries", own, "MB")


def status(table, binaries, rounds):
    port = free_port()
    url = "http://127.0.0.1:%d/status" % port
    with serve(os.path.join(binaries, "tserver"), port):
        results = alternate(rounds, {
            "tclient status": lambda: run_timed(os.path.join(binaries, "tclient"), "status", "--url", url),
            "curl -s": lambda: run_timed("curl", "-s", "-H", "Accept: application/json", url)})
    table.section("tclient: one status, the whole process")
    times = {name: each(runs, lambda run: run["seconds"] * 1000) for name, runs in results.items()}
    for name, runs in results.items():
        table.figure(name, times[name], "ms")
        table.figure("  CPU", each(runs, lambda run: run["cpu"] * 1000), "ms")
    table.figure("  tclient / curl", ratios(times["tclient status"], times["curl -s"]), "", at_most=1.5)


def publish(table, tserver, rounds, updates):
    singles, batches = [], []
    for _ in range(rounds):
        port = free_port()
        with serve(tserver, port) as process:
            connection = Connection(port)
            new = request("POST", "/translations", '{"source":"de","target":"en"}')
            ids = [json.loads(connection.ask(new))["id"] for _ in range(updates)]
            puts = [request("PUT", "/translations/%s/status" % id, '{"status":"running","progress":0.25}') for id in ids]
            lines = ['{"job":"%s","status":"running","progress":0.5}\n' % id for id in ids]
            posts = [request("POST", "/translations/status", "".join(lines[first:first + BATCH]), "application/x-ndjson")
                     for first in range(0, updates, BATCH)]
            for messages, results in ((puts, singles), (posts, batches)):
                begin, used = time.perf_counter(), machine.cpu_seconds(process.pid)
                for message in messages:
                    connection.ask(message)
                results.append((updates / (time.perf_counter() - begin),
                                (machine.cpu_seconds(process.pid) - used) / updates * 1e6))
    table.section("tserver: updates accepted over one connection that is kept, each after the answer to the last")
    for name, results in (("PUT", singles), ("POST in batches of %d" % BATCH, batches)):
        table.figure("%s: updates a second" % name, each(results, lambda result: result[0]), "")
        table.figure("  CPU of the server, each", each(results, lambda result: result[1]), "µs")
