"""Subscribers of translations, a few hundred in a process, that write down all they see and go on from there.

    watchers.py HOST PORT PLAN LOG

PLAN is a line of JSON a subscriber: its number, its path, its jobs. LOG gets, before anything else is read, a line for
each event: `NUMBER KIND ID DATA`, KIND being `message`, `reset`, or at the end `done` or `refused`. Started again with
the same LOG it goes on after the last line of each. Exits with 0 when everyone is done.
"""
import json
import os
import random
import sys
import time

from stream import Loop, Subscriber, raise_descriptor_limit

FINAL = {"completed", "error", "cancelled"}


class Watcher(Subscriber):
    def __init__(self, loop, address, plan, log):
        super().__init__(loop, address, plan["path"])
        self.number, self.jobs, self.log = plan["number"], set(plan["jobs"]), log
        # A stream of all never ends: whoever follows it leaves when there is nothing left to wait for.
        self.leaves = plan["all"]
        self.finished = set()

    def learn(self, kind, id, data):
        """What an event tells, now or in an earlier life."""
        self.events.id = id
        update = json.loads(data)
        if kind == "reset":
            self.finished.clear()
        if update.get("status") in FINAL:
            self.finished.add(update["job"])

    def received(self, events):
        # One write(2): with SIGKILL it is there as a whole or not at all.
        lines = "".join(f"{self.number} {kind} {id} {data}\n" for kind, data, id in events)
        os.write(self.log, lines.encode())
        for kind, data, id in events:
            self.learn(kind, id, data)
        # What came in one piece was parsed at once: the last id stands.
        if self.leaves and self.jobs <= self.finished:
            self.close()
            self.say("done")

    def ended(self, status):
        self.say("done" if status == 204 else f"refused {status}")

    def say(self, words):
        os.write(self.log, f"{self.number} {words}\n".encode())


def main():
    host, port, plan, log = sys.argv[1:]
    raise_descriptor_limit()
    loop = Loop()
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with open(plan) as lines:
        watchers = {}
        for line in lines:
            watcher = Watcher(loop, (host, int(port)), json.loads(line), descriptor)
            watchers[watcher.number] = watcher
    with open(log) as lines:
        for line in lines:
            number, kind, *rest = line.split(" ", 3)
            if kind.strip() in ("done", "refused"):
                loop.active -= 1
                del watchers[int(number)]
            else:
                watchers[int(number)].learn(kind, rest[0], rest[1])
    for watcher in watchers.values():
        loop.at(time.monotonic() + random.uniform(0, 0.2), watcher.connect)
    loop.run()


if __name__ == "__main__":
    main()
