"""Headless Chromium, driven over a pipe by its DevTools protocol. Python's standard library only."""
import base64
import io
import json
import os
import subprocess
import sys
import time

KEYS = {"Enter": 13, "Escape": 27, "ArrowUp": 38, "ArrowDown": 40, "Home": 36, "End": 35, "Tab": 9}


class Browser:
    def __init__(self, size=(800, 600)):
        commands, self.commands = os.pipe()
        self.answers, answers = os.pipe()

        def wire():
            # Chromium reads descriptor 3 and writes descriptor 4; dup first, for either may be in the other's place.
            reading, writing = os.dup(commands), os.dup(answers)
            os.dup2(reading, 3)
            os.dup2(writing, 4)

        self.process = subprocess.Popen(
            ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--window-size=%d,%d" % size,
             "--remote-debugging-pipe", "about:blank"],
            preexec_fn=wire, close_fds=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(commands)
        os.close(answers)
        self.buffer = b""
        self.number = 0
        self.loads = 0
        # What the page's console says, exceptions and violations of its policy among it.
        self.complaints = []
        # Each request, as its type and URL.
        self.requests = []

    def call(self, method, session=None, **parameters):
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        os.write(self.commands, json.dumps(message).encode() + b"\0")
        while True:
            answer = self.read()
            if answer.get("id") == self.number:
                if "error" in answer:
                    sys.exit("chromium: %s: %s" % (method, answer["error"]["message"]))
                return answer["result"]

    def open(self, url):
        """A page of that URL; returns its session."""
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(domain + ".enable", session)
        self.call("Page.navigate", session, url=url)
        return session

    def evaluate(self, session, expression, waits=False):
        answer = self.call("Runtime.evaluate", session, expression=expression, returnByValue=True, awaitPromise=waits)
        if "exceptionDetails" in answer:
            sys.exit("chromium: %s: %s" % (expression, answer["exceptionDetails"].get("exception", {}).get("description")))
        return answer.get("result", {}).get("value")

    def until(self, session, expression, what):
        """Waits until the expression is true in the page."""
        end = time.time() + 20
        while not self.evaluate(session, expression):
            if time.time() > end:
                sys.exit("chromium: %s did not come about: %s" % (what, expression))
            time.sleep(0.05)

    def press(self, session, key):
        code = {"windowsVirtualKeyCode": KEYS[key]} if key in KEYS else {"text": key}
        if key == "Enter":
            code["text"] = "\r"
        self.call("Input.dispatchKeyEvent", session, type="keyDown", key=key, **code)
        self.call("Input.dispatchKeyEvent", session, type="keyUp", key=key)

    def type(self, session, text):
        self.call("Input.insertText", session, text=text)

    def picture(self, session, path):
        with io.open(path, "wb") as file:
            file.write(base64.b64decode(self.call("Page.captureScreenshot", session)["data"]))

    def read(self):
        """The next message. What is an event is taken down."""
        while b"\0" not in self.buffer:
            piece = os.read(self.answers, 1 << 16)
            if not piece:
                sys.exit("chromium: it has gone")
            self.buffer += piece
        message, _, self.buffer = self.buffer.partition(b"\0")
        message = json.loads(message)
        self.note(message.get("method"), message.get("params", {}))
        return message

    def note(self, method, told):
        if method == "Page.loadEventFired":
            self.loads += 1
        elif method == "Runtime.consoleAPICalled":
            self.complaints.append(" ".join(str(a.get("value")) for a in told["args"]))
        elif method == "Runtime.exceptionThrown":
            details = told["exceptionDetails"]
            self.complaints.append(details.get("exception", {}).get("description") or details["text"])
        elif method == "Log.entryAdded":
            self.complaints.append("%(source)s: %(text)s" % told["entry"] + " " + told["entry"].get("url", ""))
        elif method == "Network.requestWillBeSent":
            self.requests.append((told.get("type"), told["request"]["url"]))
