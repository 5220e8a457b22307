"""Opens a URL in headless Chromium, and takes a screenshot at each status that the page shows until the final one.

    watch.py URL DIRECTORY

Prints each status as it appears, and fails if the page was loaded more than once on the way. Speaks Chromium's
DevTools protocol over a pipe; Python's standard library only.
"""
import base64
import json
import os
import subprocess
import sys
import time

FINAL = {"completed", "error", "cancelled"}


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

    def read(self):
        while b"\0" not in self.buffer:
            piece = os.read(self.answers, 1 << 16)
            if not piece:
                sys.exit("watch: Chromium has gone")
            self.buffer += piece
        message, _, self.buffer = self.buffer.partition(b"\0")
        return json.loads(message)


def main(url, directory):
    browser = Browser()
    target = browser.call("Target.createTarget", url="about:blank")["targetId"]
    session = browser.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
    browser.call("Page.enable", session)
    browser.call("Page.navigate", session, url=url)
    shown, end = None, time.time() + 30
    while shown not in FINAL:
        if time.time() > end:
            sys.exit("watch: no final status within 30 s; the last one was %s" % shown)
        text = browser.call(
            "Runtime.evaluate", session, expression="document.querySelector('[role=status]')?.innerText ?? ''")
        status = text["result"]["value"].strip().lower()
        if status and status != shown:
            shown = status
            time.sleep(0.3)  # the page's colours fade from one status to the next
            picture = browser.call("Page.captureScreenshot", session)["data"]
            path = os.path.join(directory, "%s.png" % status.split()[0])
            with open(path, "wb") as file:
                file.write(base64.b64decode(picture))
            print("%s  %s" % (status, path), flush=True)
        time.sleep(0.05)
    browser.process.kill()
    if browser.loads != 1:
        sys.exit("watch: the page was loaded %d times" % browser.loads)
    print("the page was loaded once")


main(*sys.argv[1:])
