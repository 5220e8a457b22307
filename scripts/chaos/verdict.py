"""What the watchers wrote down, held against what has to be so."""
import collections
import json
from dataclasses import dataclass, field

ORDER = {"pending": 0, "running": 1, "completed": 2, "error": 2, "cancelled": 2}


@dataclass
class Verdict:
    events: int = 0
    resets: int = 0
    # Subscribers that saw more than one epoch.
    moved: int = 0
    wrong: list = field(default_factory=list)


class Seen:
    """What one subscriber saw, line by line."""

    def __init__(self, plan, verdict):
        self.plan, self.verdict = plan, verdict
        self.jobs = set(plan["jobs"])
        self.epochs = []
        self.last = 0
        # A job's latest status, and the numbers of its events by epoch.
        self.latest = {}
        self.numbers = collections.defaultdict(list)
        self.is_done = False

    def wrong(self, words):
        self.verdict.wrong.append(f"subscriber {self.plan['number']} of {self.plan['path'][:60]}: {words}")

    def event(self, kind, id, data):
        epoch, _, number = id.rpartition("-")
        number, update = int(number), json.loads(data)
        self.verdict.events += 1
        if self.is_done:
            self.wrong(f"{id} came after the end")
        if not self.epochs or self.epochs[-1] != epoch:
            if epoch in self.epochs:
                self.wrong(f"{id} is of an epoch that was over")
            if self.epochs and kind != "reset":
                self.wrong(f"epoch {epoch} began without a reset")
            self.epochs.append(epoch)
        elif kind == "reset":
            self.wrong(f"a reset at {id}, though its epoch is the same")
        elif number <= self.last:
            self.wrong(f"{id} came after {epoch}-{self.last}")
        self.last = number
        if kind == "reset":
            self.verdict.resets += 1
        if "status" in update:
            self.status(epoch, number, update)
        elif kind != "reset":
            self.wrong(f"{data} is no status")
        elif len(self.plan["jobs"]) > next(iter(update.values())):
            self.wrong(f"the reset tells {data} of {len(self.plan['jobs'])} translations")

    def status(self, epoch, number, update):
        job = update["job"]
        # Each subscriber's own; the rest is what the status is.
        if update.pop("sent") < update["timestamp"]:
            self.wrong(f"an event of {job} was sent before it came about: {update}")
        if job not in self.jobs:
            if not self.plan["all"]:
                self.wrong(f"an update of {job}, which it did not ask for")
            return
        self.numbers[epoch, job].append(number)
        before = self.latest.get(job)
        self.latest[job] = update
        if before is None:
            return
        if update["timestamp"] < before["timestamp"]:
            self.wrong(f"the time of {job} went back: {before} {update}")
        if update.get("progress", 0) < before.get("progress", 0):
            self.wrong(f"the progress of {job} went back: {before} {update}")
        if ORDER[update["status"]] < ORDER[before["status"]]:
            self.wrong(f"the status of {job} went back: {before} {update}")

    def end(self, finals):
        if not self.is_done:
            self.wrong(f"did not come to an end; its last event was {self.last} of {self.epochs}")
        for job in self.plan["jobs"]:
            if self.latest.get(job) != finals[job]:
                self.wrong(f"{job} ended as {finals[job]}; it saw {self.latest.get(job)}")
        if len(self.epochs) > 1:
            self.verdict.moved += 1


def judge(plans, logs, finals):
    """Plans by number, the paths of the logs, and the statuses that the server had in the end, by job."""
    verdict = Verdict()
    seen = {number: Seen(plan, verdict) for number, plan in plans.items()}
    for log in logs:
        with open(log) as lines:
            for line in lines:
                number, kind, *rest = line.rstrip("\n").split(" ", 3)
                if kind == "done":
                    seen[int(number)].is_done = True
                elif kind == "refused":
                    seen[int(number)].wrong(f"was refused: {rest}")
                else:
                    seen[int(number)].event(kind, *rest)
    for subscriber in seen.values():
        subscriber.end(finals)
    nothing_left_out(seen.values(), verdict)
    return verdict


def nothing_left_out(seen, verdict):
    """From the first event of a job that a subscriber saw it saw each one that anybody saw: the server held them all.
    What an epoch's end left in the wires is not known, so in epochs that were cut short its last events are.
    """
    everything = collections.defaultdict(set)
    for subscriber in seen:
        for key, numbers in subscriber.numbers.items():
            everything[key].update(numbers)
    for subscriber in seen:
        for (epoch, job), numbers in subscriber.numbers.items():
            expected = {number for number in everything[epoch, job] if number >= numbers[0]}
            if epoch != subscriber.epochs[-1]:
                expected = {number for number in expected if number <= numbers[-1]}
            missing = sorted(expected - set(numbers))
            if missing:
                subscriber.wrong(f"missed {missing} of {job} in epoch {epoch}")
