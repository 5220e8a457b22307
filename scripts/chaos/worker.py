"""A worker for many translations: reports their progress, a step at a time, until all are completed.

    worker.py URL STEPS PAUSE < IDS

Whatever is lost it asks again, and after it was killed it goes on from what the server knows: nothing else is kept.
"""
import http.client
import json
import sys
import time
import urllib.parse


class Server:
    def __init__(self, url):
        self.host = urllib.parse.urlsplit(url).netloc
        self.connection = None

    def ask(self, method, path, body=None):
        """The status and the body of the answer, however often it takes."""
        while True:
            try:
                if self.connection is None:
                    self.connection = http.client.HTTPConnection(self.host, timeout=5)
                self.connection.request(method, path, body and json.dumps(body), {"Content-Type": "application/json"} if body else {})
                answer = self.connection.getresponse()
                text = answer.read()
                if answer.status < 500:
                    return answer.status, json.loads(text)
            except (OSError, http.client.HTTPException):
                pass
            self.connection = None
            time.sleep(0.05)


def main(url, steps, pause):
    server, ids = Server(url), sys.stdin.read().split()
    done = {}
    for id in ids:
        _, now = server.ask("GET", "/translations/" + id)
        done[id] = steps if now["status"] == "completed" else round((now.get("progress") or 0) * steps)
    while any(step < steps for step in done.values()):
        for id in ids:
            if done[id] < steps:
                step = done[id] + 1
                change = {"status": "completed"} if step == steps else {"status": "running", "progress": step / steps}
                status, answer = server.ask("PUT", "/translations/%s/status" % id, change)
                if status != 200:
                    sys.exit("worker: %s was answered %d %s" % (change, status, answer))
                done[id] = step
        time.sleep(pause)


main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]))
