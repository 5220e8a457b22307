"""A server, and those who make translations and report on them, while a browser looks on."""
import json
import random
import re
import subprocess
import threading
import time
import urllib.request

TONGUES = ["de", "en", "fr", "zh-Hant", "pt-BR", "hi", "ar", "ja"]


def ask(url, body=None, kind="application/json", token=None):
    request = urllib.request.Request(url, body and body.encode(), {"Content-Type": kind} if body else {})
    if token:
        request.add_header("Authorization", "Bearer " + token)
    return urllib.request.urlopen(request).read().decode()


class Server:
    """Always on the same port, one that was free."""

    def __init__(self, binary, *arguments):
        self.binary, self.arguments, self.port = binary, arguments, 0
        self.start()

    def start(self):
        self.process = subprocess.Popen(
            [self.binary, "--port", str(self.port), "--delay", "300", "--steps", "600", "--retry", "300",
             "--no-access-log", *self.arguments], stdout=subprocess.PIPE, text=True)
        self.url = re.search("http://[^/]*", self.process.stdout.readline()).group()
        self.port = int(self.url.rpartition(":")[2])

    def stop(self):
        self.process.kill()
        self.process.wait()


class Worker:
    def __init__(self, url, token=None):
        self.url, self.token, self.chance, self.ids, self.ends = url, token, random.Random(1), [], {}

    def submit(self, count):
        for _ in range(count):
            source, target = self.chance.sample(TONGUES, 2)
            title = "Chapter %d" % (len(self.ids) + 1)
            # Some have what a page must not take for its own.
            made = {"source": source, "target": target, "title": title if len(self.ids) % 40 else title + " <b>&amp;</b>"}
            self.ids.append(json.loads(ask(self.url + "/translations", json.dumps(made), token=self.token))["id"])

    def publish(self, changes):
        """Returns how many were taken."""
        taken = 0
        # A request's body is at most 256 KiB.
        for start in range(0, len(changes), 1000):
            lines = "\n".join(json.dumps(change) for change in changes[start:start + 1000])
            answers = ask(self.url + "/translations/status", lines, "application/x-ndjson", self.token).splitlines()
            taken += sum(json.loads(line)["code"] == 200 for line in answers)
        return taken

    def some(self):
        """Some have ended well, some have failed, the rest is somewhere on the way."""
        self.publish([{"job": id, "status": "running", "progress": round(0.5 * self.chance.random(), 3),
                       "message": "page %d of 40" % self.chance.randint(1, 40)} for id in self.ids])
        self.ends = {id: self.chance.choice(["completed", "completed", "error", None, None, None]) for id in self.ids}
        self.publish([{"job": id, "status": end, "message": "no luck with this one" if end == "error" else None}
                      for id, end in self.ends.items() if end])

    def report(self, rate, seconds, jobs):
        """All of these report so many times a second. Returns a thread, whose `sent` are the updates."""
        def run():
            begin = time.monotonic()
            for step in range(int(rate * seconds)):
                progress = 0.5 + 0.49 * step / (rate * seconds)
                thread.sent += self.publish([{"job": id, "status": "running", "progress": progress,
                                              "message": "page %d of 400" % (400 * progress)} for id in jobs])
                time.sleep(max(0, begin + (step + 1) / rate - time.monotonic()))
            thread.took = time.monotonic() - begin
        thread = threading.Thread(target=run)
        thread.sent = 0
        thread.start()
        return thread
