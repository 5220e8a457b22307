"""Whether delays and clock offsets hold against servers whose clocks are set otherwise, or run fast or slow.

clocks.py TSERVER TCLIENT LIBFAKETIME

Each server runs under a clock of its own, and is followed for a while. What the client says of that clock is held
against what this script knows of it: it asks for the time all along, and has for each moment the tightest bounds of
the answers before and after.
"""
import http.client
import json
import os
import subprocess
import sys
import threading
import time

SECONDS = 24
CLOCKS = [("the same", None), ("3.5 s ahead", "+3.5s"), ("two hours behind", "-7200s"),
          ("300 parts in a million fast", "+0 x1.0003"), ("200 slow, 10 s behind", "-10s x0.9998")]


def bounds(port):
    """Of the server's clock less ours, and when."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    best = None
    for _ in range(5):
        asked = time.time()
        connection.request("GET", "/time")
        answer = json.loads(connection.getresponse().read())
        answered = time.time()
        one = (answer["sent"] - answered, answer["received"] - asked)
        best = one if best is None else (max(best[0], one[0]), min(best[1], one[1]))
    connection.close()
    return (time.time(), *best)


def follow(tserver, tclient, library, clock):
    environment = dict(os.environ)
    if clock:
        environment.update(LD_PRELOAD=library, FAKETIME=clock, FAKETIME_DONT_FAKE_MONOTONIC="1", FAKETIME_NO_CACHE="1")
    # Through env: libfaketime adds to the environment of the first program that it finds itself in, and Swift then does not
    # find that program's arguments.
    server = subprocess.Popen(
        ["env", tserver, "--port", "0", "--heartbeat", "0", "--no-access-log"],
        stdout=subprocess.PIPE, text=True, env=environment)
    try:
        return report(int(server.stdout.readline().rsplit(":", 1)[1].split("/")[0]), tclient)
    finally:
        server.kill()
        server.wait()


def report(port, tclient):
    """What a client tells of a translation that is reported to that server, and what is known of the server's clock."""
    # A worker of our own reports: libfaketime shifts the server's timers too.
    worker = http.client.HTTPConnection("127.0.0.1", port)

    def ask(method, path, body):
        worker.request(method, path, json.dumps(body), {"Content-Type": "application/json"})
        return json.loads(worker.getresponse().read())

    path = ask("POST", "/translations", {"source": "de", "target": "en"})["status_url"]
    known = []
    over = threading.Event()

    def watch():
        while not over.wait(0.25):
            known.append(bounds(port))

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    client = subprocess.Popen(
        [tclient, "monitor", "--json", "--url", "http://127.0.0.1:%d%s" % (port, path)], stdout=subprocess.PIPE, text=True)
    try:
        lines = [client.stdout.readline()]
        for step in range(SECONDS * 2):
            time.sleep(0.5)
            ask("PUT", path, {"status": "running", "progress": step / (SECONDS * 2)})
            lines.append(client.stdout.readline())
        ask("PUT", path, {"status": "completed"})
        lines += client.stdout.readlines()
        client.wait()
    finally:
        client.kill()
    over.set()
    watcher.join()
    return [json.loads(line) for line in lines], known


def judge(updates, known):
    """The number of updates with an offset, of those outside of what is known, and the largest error and offset."""
    compared, wrong, errors, offsets = 0, 0, [], []
    for update in updates:
        if "clockOffset" not in update:
            continue
        compared += 1
        least, most = update["clockOffset"] - update["delayError"], update["clockOffset"] + update["delayError"]
        near = [k for k in known if abs(k[0] - update["received"]) < 1.5]
        # What the clock can have gained in the meantime.
        slack = lambda k: 500e-6 * abs(k[0] - update["received"]) + 5e-6
        if any(most < k[1] - slack(k) or least > k[2] + slack(k) for k in near) or not near:
            wrong += 1
        # An update comes after it came about.
        if update["delay"] + update["delayError"] < 0:
            wrong += 1
        errors.append(update["delayError"])
        offsets.append(update["clockOffset"])
    return compared, wrong, errors, offsets


def main():
    tserver, tclient, library = sys.argv[1:]
    failed = False
    print("%-30s %8s %6s %14s %14s %12s" % ("the server's clock", "updates", "wrong", "offset, last", "± median", "± largest"))
    for name, clock in CLOCKS:
        updates, known = follow(tserver, tclient, library, clock)
        compared, wrong, errors, offsets = judge(updates, known)
        print("%-30s %8d %6d %11.3f ms %11.3f ms %9.3f ms" % (
            name, compared, wrong, offsets[-1] * 1e3, sorted(errors)[len(errors) // 2] * 1e3, max(errors) * 1e3), flush=True)
        failed = failed or wrong > 0 or compared < len(updates) - 3
        if clock is None:
            # With one clock the offset is nothing, and so the delay that of the plain difference.
            off = sorted(abs(offset) for offset in offsets)[len(offsets) // 2]
            print("%-30s %38.3f ms" % ("  |offset|, median, ≤ 0.2", off * 1e3))
            failed = failed or off > 0.2e-3
    sys.exit(failed)


main()
