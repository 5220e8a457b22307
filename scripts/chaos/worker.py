"""A worker: makes translations and says how far they are, until each has a final status.

    worker.py HOST PORT COUNT UPDATES SECONDS SEED

It keeps nothing. Started again it asks for the same translations by their idempotency keys, and goes on from what the
server knows. A request whose answer is lost is sent again; a few answers it throws away itself, for that. Exits with 0
when all are final.
"""
import http.client
import json
import random
import sys
import time

FINAL = {"completed", "error", "cancelled"}


class Server:
    """One connection; every request is sent until it is answered."""

    def __init__(self, host, port, dice):
        self.host, self.port, self.dice = host, port, dice
        self.connection = None

    def request(self, method, path, body=None, fields=None, media="application/json"):
        """(status, fields, text)"""
        fields = dict(fields or {})
        if body is not None:
            fields["Content-Type"] = media
        began = time.monotonic()
        while True:
            try:
                if self.connection is None:
                    self.connection = http.client.HTTPConnection(self.host, self.port, timeout=5)
                self.connection.request(method, path, body, fields)
                if self.dice.random() < 0.02:
                    raise ConnectionError("thrown away")
                answer = self.connection.getresponse()
                text = answer.read().decode()
                if answer.status != 503:
                    return answer.status, answer.headers, text
            except (OSError, http.client.HTTPException):
                pass
            if self.connection:
                self.connection.close()
                self.connection = None
            if time.monotonic() - began > 20:
                sys.exit("worker: the server is gone")
            time.sleep(0.02)


def wrong(words):
    sys.exit(f"worker: {words}")


class Job:
    """A translation and what is to become of it, by the seed: how many updates, and which end."""

    def __init__(self, index, seed, updates):
        dice = random.Random(f"{seed}-{index}")
        self.index = index
        self.updates = dice.randint(updates // 2, updates)
        self.end = dice.choices(["completed", "error", "cancelled"], [80, 12, 8])[0]
        self.by_batch = dice.random() < 0.5
        self.conditional = dice.random() < 0.5

    def make(self, server, seed):
        body = json.dumps({"source": "de", "target": "en", "title": f"chaos {self.index}"})
        status, _, text = server.request(
            "POST", "/translations", body, {"Idempotency-Key": f"chaos-{seed}-{self.index}"})
        if status != 201:
            wrong(f"POST /translations was answered {status}: {text}")
        self.id = json.loads(text)["id"]
        self.path = f"/translations/{self.id}/status"
        self.learn(server)

    def learn(self, server):
        status, fields, text = server.request("GET", self.path, fields={"Accept": "application/json"})
        if status != 200:
            wrong(f"GET {self.path} was answered {status}: {text}")
        self.set(json.loads(text), fields["ETag"].strip('"'))

    def set(self, update, id):
        self.status, self.progress, self.tag = update["status"], update.get("progress"), id

    def next(self):
        """The change that follows what the server knows; None to cancel."""
        step = round((self.progress or 0) * self.updates) + 1
        if step <= self.updates:
            return {"status": "running", "progress": min(1, step / self.updates), "message": f"step {step}"}
        if self.end == "cancelled":
            return None
        return {"status": self.end, **({"message": "no such language"} if self.end == "error" else {})}

    def put(self, server):
        change = self.next()
        if change is None:
            status, _, text = server.request("DELETE", f"/translations/{self.id}")
            if status != 200:
                wrong(f"DELETE of a translation was answered {status}: {text}")
            self.learn(server)
            return
        fields = {"If-Match": f'"{self.tag}"'} if self.conditional else {}
        status, _, text = server.request("PUT", self.path, json.dumps(change), fields)
        body = json.loads(text)
        if status == 200:
            self.set(body, body["id"])
        elif status == 412:
            # Either the answer that came first was lost, or the server began a new epoch.
            self.set(body["current"], body["current"]["id"])
        else:
            wrong(f"PUT {json.dumps(change)} was answered {status}: {text}")


def put_batch(server, jobs):
    changes = [{**job.next(), "job": job.id, **({"if_match": job.tag} if job.conditional else {})} for job in jobs]
    body = "".join(json.dumps(change) + "\n" for change in changes)
    status, _, text = server.request("POST", "/translations/status", body, media="application/x-ndjson")
    answers = [json.loads(line) for line in text.splitlines()]
    if status != 200 or len(answers) != len(jobs):
        wrong(f"a batch was answered {status}: {text}")
    for job, change, answer in zip(jobs, changes, answers):
        if answer["code"] == 200:
            job.set(change, answer["id"])
        elif answer["code"] == 412:
            job.learn(server)
        else:
            wrong(f"{json.dumps(change)} in a batch was answered {answer}")


def main():
    host, port, count, updates, seconds, seed = sys.argv[1:]
    # What goes wrong is another thing in each life.
    server = Server(host, int(port), random.Random())
    jobs = [Job(index, seed, int(updates)) for index in range(int(count))]
    for job in jobs:
        job.make(server, seed)
    pause = float(seconds) / int(updates) / (len(jobs) / 20)
    while open := [job for job in jobs if job.status not in FINAL]:
        random.shuffle(open)
        for start in range(0, len(open), 20):
            began = time.monotonic()
            turn = open[start:start + 20]
            batch = [job for job in turn if job.by_batch and job.next() is not None]
            if batch:
                put_batch(server, batch)
            for job in turn:
                if job not in batch:
                    job.put(server)
            time.sleep(max(0, pause - (time.monotonic() - began)))


if __name__ == "__main__":
    main()
