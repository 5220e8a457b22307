"""A server, a worker and a thousand subscribers, who are killed at random and have to end up with the truth.

    chaos.py TSERVER [SEED]

First the worker and the watchers are killed; then the server, too, which keeps its translations in a journal. Prints a
table, and exits with 1 after saying what went wrong.
"""
import json
import os
import random
import subprocess
import sys
import tempfile
import time

from verdict import judge
from worker import Job, Server as Requests

HERE = os.path.dirname(os.path.abspath(__file__))
JOBS, UPDATES, SUBSCRIBERS, PROCESSES = 200, 12, 1000, 4
# How long the worker takes; and how long the watchers may need when it is through.
SECONDS, PATIENCE = 18, 15


class Process:
    """One that is started again after it is killed."""

    def __init__(self, *command):
        self.command = command
        self.kills = 0
        self.start()

    def start(self):
        self.process = subprocess.Popen([sys.executable, *self.command])

    def is_running(self):
        code = self.process.poll()
        if code:
            raise SystemExit(f"chaos: {os.path.basename(self.command[0])} ended with {code}")
        return code is None

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.kills += 1
        self.start()

    def stop(self):
        self.process.kill()
        self.process.wait()


class Server:
    def __init__(self, program, *options):
        self.program, self.options, self.port, self.kills = program, options, 0, 0
        self.start()

    def start(self):
        command = [self.program, "--port", str(self.port), "--delay", "3600", "--retry", "200", "--no-access-log"]
        self.process = subprocess.Popen([*command, *self.options], stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        if "Listening on " not in line:
            raise SystemExit(f"chaos: the server said {line!r} instead of where it listens")
        self.port = int(line.strip().removesuffix("/status").rpartition(":")[2])

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.kills += 1
        time.sleep(0.3)
        self.start()

    def stop(self):
        self.process.terminate()
        try:
            code = self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise SystemExit("chaos: the server did not end by SIGTERM")
        if code:
            raise SystemExit(f"chaos: the server ended with {code}")


def plan(ids, dice):
    """What each subscriber follows: one translation, a few, or all."""
    plans = {}
    for number in range(SUBSCRIBERS):
        form = dice.choices(["one", "some", "all"], [70, 28, 2])[0]
        if form == "all":
            jobs, path = ids, "/translations/events"
        else:
            jobs = dice.sample(ids, 1 if form == "one" else dice.randint(2, 6))
            path = f"/translations/{jobs[0]}/status"
            if form == "some":
                path = "/translations/events?" + "&".join(f"id={job}" for job in jobs)
        plans[number] = {"number": number, "path": path, "jobs": jobs, "all": form == "all"}
    return plans


def run(server, seed, kills, server_kills, directory):
    """One part; its verdict, its processes, and how long it took."""
    dice = random.Random(f"{seed}-{server_kills}")
    requests = Requests("127.0.0.1", server.port, random.Random(seed))
    jobs = [Job(index, seed, UPDATES) for index in range(JOBS)]
    for job in jobs:
        job.make(requests, seed)
    plans = plan([job.id for job in jobs], dice)
    address = ("127.0.0.1", str(server.port))
    watchers, logs = [], []
    for index in range(PROCESSES):
        path, log = os.path.join(directory, f"plan-{index}"), os.path.join(directory, f"log-{index}")
        with open(path, "w") as file:
            file.writelines(json.dumps(plans[number]) + "\n" for number in range(index, SUBSCRIBERS, PROCESSES))
        logs.append(log)
        watchers.append(Process(f"{HERE}/watchers.py", *address, path, log))
    worker = Process(f"{HERE}/worker.py", *address, str(JOBS), str(UPDATES), str(SECONDS), str(seed))
    try:
        # The last kills come when most is done, none when there is nobody left to kill.
        times = [(dice.uniform(0.05, 0.85) * SECONDS, "process") for _ in range(kills)]
        times += [((index + 0.7) / (server_kills + 1) * SECONDS, "server") for index in range(server_kills)]
        began = time.monotonic()
        for when, victim in sorted(times):
            time.sleep(max(0, began + when - time.monotonic()))
            if victim == "server":
                server.kill()
            else:
                dice.choice([process for process in (worker, *watchers) if process.is_running()]).kill()
        deadline = began + 2 * SECONDS
        while worker.is_running():
            if time.monotonic() > deadline:
                raise SystemExit("chaos: the worker does not get through")
            time.sleep(0.05)
        deadline = time.monotonic() + PATIENCE
        # Those that are not done by then are told by the verdict.
        while any([watcher.is_running() for watcher in watchers]) and time.monotonic() < deadline:
            time.sleep(0.05)
        took = time.monotonic() - began
    finally:
        for process in (worker, *watchers):
            process.stop()
    finals = {}
    for job in jobs:
        _, _, text = requests.request("GET", job.path, fields={"Accept": "application/json"})
        finals[job.id] = json.loads(text)
    return judge(plans, logs, finals), (worker, watchers), took


def main():
    program = sys.argv[1]
    seed = sys.argv[2] if len(sys.argv) > 2 else str(random.randrange(1_000_000))
    print(f"chaos: seed {seed}; {JOBS} translations, {SUBSCRIBERS} subscribers in {PROCESSES} processes", flush=True)
    head = ("killed", "worker", "watchers", "server", "events", "resets", "seconds", "wrong")
    print("%-20s" % head[0] + "".join("%10s" % name for name in head[1:]), flush=True)
    wrong = []
    for name, kills, server_kills in (("worker and watchers", 20, 0), ("the server, too", 20, 3)):
        with tempfile.TemporaryDirectory() as directory:
            options = ["--journal", os.path.join(directory, "journal")] if server_kills else []
            server = Server(program, *options)
            try:
                verdict, (worker, watchers), took = run(server, seed, kills, server_kills, directory)
                server.stop()
            finally:
                server.process.kill()
        row = (worker.kills, sum(watcher.kills for watcher in watchers), server.kills, verdict.events, verdict.resets,
               "%.1f" % took, len(verdict.wrong))
        print("%-20s" % name + "".join("%10s" % value for value in row), flush=True)
        if server_kills and verdict.moved < 0.9 * SUBSCRIBERS:
            verdict.wrong.append(f"only {verdict.moved} subscribers saw another epoch: the kills proved nothing")
        wrong += verdict.wrong
    for words in wrong[:20]:
        print(f"chaos: {words}")
    if wrong:
        print(f"chaos: {len(wrong)} things went wrong; again with: ./scripts/chaos.sh {seed}")
        sys.exit(1)
    print("chaos: all well")


if __name__ == "__main__":
    main()
