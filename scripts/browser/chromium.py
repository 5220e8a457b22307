"""Headless Chromium, driven over a pipe by its DevTools protocol. Python's standard library only."""
import base64
import io
import json
import os
import subprocess
import sys


class Browser:
    def __init__(self):
        commands, self.commands = os.pipe()
        self.answers, answers = os.pipe()

        def wire():
            # Chromium reads descriptor 3 and writes descriptor 4; dup first, for either may be in the other's place.
            reading, writing = os.dup(commands), os.dup(answers)
            os.dup2(reading, 3)
            os.dup2(writing, 4)

        self.process = subprocess.Popen(
            ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--window-size=800,600",
             "--remote-debugging-pipe", "about:blank"],
            preexec_fn=wire, close_fds=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(commands)
        os.close(answers)
        self.buffer = b""
        self.number = 0
        self.loads = 0

    def call(self, method, session=None, **parameters):
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        os.write(self.commands, json.dumps(message).encode() + b"\0")
        while True:
            answer = self.read()
            self.loads += answer.get("method") == "Page.loadEventFired"
            if answer.get("id") == self.number:
                return answer["result"]

    def open(self, url):
        """A page of that URL; returns its session."""
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self.call("Page.enable", session)
        self.call("Page.navigate", session, url=url)
        return session

    def evaluate(self, session, expression):
        return self.call("Runtime.evaluate", session, expression=expression, returnByValue=True)["result"].get("value")

    def picture(self, session, path):
        with io.open(path, "wb") as file:
            file.write(base64.b64decode(self.call("Page.captureScreenshot", session)["data"]))

    def read(self):
        while b"\0" not in self.buffer:
            piece = os.read(self.answers, 1 << 16)
            if not piece:
                sys.exit("watch: Chromium has gone")
            self.buffer += piece
        message, _, self.buffer = self.buffer.partition(b"\0")
        return json.loads(message)
