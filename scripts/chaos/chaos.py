"""Workers, watchers and, if asked for, the server are killed at random, and nobody loses an update.

    chaos.py TSERVER [--server]      200 translations, 1,000 subscribers, 20 kills

Checks of what each subscriber was told: the ids of one server life grow, no event comes twice, no progress and no
timestamp goes back, nothing follows a final status, every translation is seen to its end, and whoever resumes from
another life of the server is told so by a reset.
"""
import collections
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request

JOBS, SUBSCRIBERS, KILLS, STEPS, GROUPS = 200, 1000, 20, 25, 4
HERE = os.path.dirname(os.path.abspath(__file__))


def start(*command, told=None, quiet=False):
    process = subprocess.Popen([sys.executable, *command] if command[0].endswith(".py") else command,
                               stdin=subprocess.PIPE if told is not None else None, text=True,
                               stdout=subprocess.PIPE if quiet else None)
    if told is not None:
        process.stdin.write(told)
        process.stdin.close()
    return process


class Scene:
    def __init__(self, tserver, kills_server):
        self.tserver, self.directory = tserver, tempfile.mkdtemp(prefix="chaos-")
        self.seen = os.path.join(self.directory, "seen")
        os.mkdir(self.seen)
        self.journal = ["--journal", os.path.join(self.directory, "journal")] if kills_server else []
        self.port = "0"
        self.serve()

    def serve(self):
        """A server on the port that the first one got."""
        end = time.time() + 10
        while True:
            self.server = start(self.tserver, "--port", self.port, "--retry", "200", "--no-access-log", *self.journal,
                                quiet=True)
            line = self.server.stdout.readline()
            if line or time.time() > end:
                break
        self.url = line.split()[-1].rsplit("/", 1)[0]
        self.port = self.url.rsplit(":", 1)[1]

    def submit(self):
        body = json.dumps({"source": "de", "target": "en"}).encode()
        request = urllib.request.Request(self.url + "/translations", body, {"Content-Type": "application/json"})
        return json.loads(urllib.request.urlopen(request).read())["id"]

    def subscribers(self, ids, chance):
        """Most follow one translation, some five, a few follow all."""
        for number in range(SUBSCRIBERS):
            if number % 50 == 0:
                # The server's own translation is among them.
                yield "%d /translations/events?id=%s %d" % (number, "&id=".join(ids[:100]), 100)
            elif number % 4 == 0:
                yield "%d /translations/events?id=%s 5" % (number, "&id=".join(chance.sample(ids, 5)))
            else:
                yield "%d /translations/%s/status 1" % (number, ids[number % JOBS])

    def work(self):
        self.worker = start(os.path.join(HERE, "worker.py"), self.url, str(STEPS), "0.3", told=self.ids)

    def watch(self, group):
        self.watchers[group] = start(os.path.join(HERE, "watchers.py"), self.url, self.seen, told=self.groups[group])

    def run(self, chance, kills_server):
        ids = [self.submit() for _ in range(JOBS)]
        self.ids = "\n".join(ids)
        lines = list(self.subscribers(ids, chance))
        self.groups = ["\n".join(lines[n::GROUPS]) for n in range(GROUPS)]
        self.watchers = [None] * GROUPS
        for group in range(GROUPS):
            self.watch(group)
        self.work()
        killed = collections.Counter()
        for kill in range(KILLS):
            time.sleep(chance.uniform(0.3, 0.7))
            victim = "server" if kills_server and kill % 4 == 3 else chance.choice(["worker", "watchers"])
            killed[victim] += 1
            if victim == "server":
                self.kill(self.server)
                self.serve()
            elif victim == "worker":
                self.kill(self.worker)
                self.work()
            else:
                group = chance.randrange(GROUPS)
                self.kill(self.watchers[group])
                self.watch(group)
        for process in [self.worker, *self.watchers]:
            if process.wait(timeout=60) != 0:
                sys.exit("chaos: a process ended with %d" % process.returncode)
        return killed

    def kill(self, process):
        process.send_signal(signal.SIGKILL)
        process.wait()

    def check(self):
        events = resets = 0
        for name in sorted(os.listdir(self.seen), key=int):
            with open(os.path.join(self.seen, name)) as file:
                told = [json.loads(line) for line in file]
            problem = judge(told)
            if self.journal and not problem and all(event["type"] != "reset" for event in told):
                problem = "was told of no reset"
            if problem:
                sys.exit("chaos: subscriber %s %s" % (name, problem))
            events += len(told)
            resets += sum(event["type"] == "reset" for event in told)
        return len(os.listdir(self.seen)), events, resets


def judge(told):
    """What is wrong with what a subscriber was told, if anything."""
    life, number, latest = None, -1, {}
    for event in told:
        epoch, _, text = event["id"].rpartition("-")
        if epoch != life:
            if life is not None and event["type"] != "reset":
                return "was not told of another life: %s" % event
            life, number = epoch, -1
        elif event["type"] == "reset":
            number = -1
        if int(text) <= number:
            return "was told %s after %d" % (event, number)
        number = int(text)
        if event["status"] is None:
            continue
        before = latest.get(event["job"])
        if before:
            if before["timestamp"] > event["timestamp"] or (before["progress"] or 0) > (event["progress"] or 0):
                return "was told %s after %s" % (event, before)
            again = {"status", "progress", "timestamp"}
            if before["status"] == "completed" and any(before[key] != event[key] for key in again):
                return "was told %s after the end" % event
            if before["id"].rpartition("-")[0] == epoch and all(before[key] == event[key] for key in again):
                return "was told twice: %s" % event
        latest[event["job"]] = event
    unfinished = [job for job, event in latest.items() if event["status"] != "completed"]
    return "saw no end of %s" % unfinished if unfinished or not latest else None


def main(tserver, kills_server):
    seed = int(os.environ.get("SEED", random.randrange(1 << 32)))
    chance, begin = random.Random(seed), time.time()
    scene = Scene(tserver, kills_server)
    try:
        killed = scene.run(chance, kills_server)
        subscribers, events, resets = scene.check()
    finally:
        for process in [scene.server, getattr(scene, "worker", None), *getattr(scene, "watchers", [])]:
            if process:
                process.kill()
        shutil.rmtree(scene.directory)
    print("%s killed: %d subscribers saw the end of all of %d translations in %d events, %d of them resets; "
          "nothing lost, doubled or out of order (seed %d, %.0f s)"
          % (", ".join("%s %d times" % item for item in sorted(killed.items())), subscribers, JOBS, events, resets,
             seed, time.time() - begin))


main(sys.argv[1], "--server" in sys.argv)
