"""Opens a server's list of translations in headless Chromium, makes many translations, and looks at what is shown.

    list.py URL DIRECTORY COUNT [PID]

Takes screenshots: busy, by night, filtered, on a narrow phone and, if the server's process id is given, after that was
killed. Prints how long the page's frames took while all translations reported their progress at once.
"""
import json
import os
import random
import signal
import sys
import time
import urllib.request

from chromium import Browser

FRAMES = """
new Promise(done => {
  const times = []; let last = performance.now();
  const step = now => { times.push(now - last); last = now; times.length < 120 ? requestAnimationFrame(step) : done(times); };
  requestAnimationFrame(step);
})"""


def ask(url, body, kind="application/json"):
    request = urllib.request.Request(url, body.encode(), {"Content-Type": kind})
    return urllib.request.urlopen(request).read().decode()


def until(browser, session, expression, what):
    end = time.time() + 20
    while not browser.evaluate(session, expression):
        if time.time() > end:
            sys.exit("list: %s did not come about" % what)
        time.sleep(0.05)


def main(url, directory, count, process=None):
    count, chance = int(count), random.Random(1)
    browser = Browser()
    session = browser.open(url + "/")
    until(browser, session, "document.getElementById('state')?.textContent === 'live'", "the connection")
    tongues = ["de", "en", "fr", "zh-Hant", "pt-BR", "hi", "ar", "ja"]
    ids = []
    for number in range(count):
        source, target = chance.sample(tongues, 2)
        made = {"source": source, "target": target, "title": "Chapter %d <b>&amp;</b>" % (number + 1)}
        ids.append(json.loads(ask(url + "/translations", json.dumps(made)))["id"])

    def publish(changes):
        ask(url + "/translations/status", "\n".join(json.dumps(c) for c in changes), "application/x-ndjson")

    ends = {id: chance.choice(["completed", "completed", "error", None, None, None]) for id in ids}
    for step in range(1, 5):
        publish([{"job": id, "status": "running", "progress": step / 5 * chance.random(), "message": "part %d" % step}
                 for id in ids])
    publish([{"job": id, "status": end, "message": "no luck with this one" if end == "error" else None}
             for id, end in ends.items() if end])
    shown = min(count + 1, 500)
    until(browser, session, "document.querySelectorAll('#jobs li').length === %d" % shown, "a row for each")
    until(browser, session, "[...document.querySelectorAll('.what span')].every(s => s.textContent.includes('→'))",
          "the languages of each")

    def picture(name):
        time.sleep(0.4)  # colours and bars move to where they belong
        path = os.path.join(directory, "list-%s.png" % name)
        browser.picture(session, path)
        print("%-10s %s" % (name, path), flush=True)

    picture("busy")
    browser.evaluate(session, "document.querySelector('[data-word=error]').click()")
    until(browser, session, "[...document.querySelectorAll('#jobs a')].every(a => a.dataset.status === 'error')", "the filter")
    picture("failed")
    browser.evaluate(session, "document.querySelector('[data-word=all]').click()")
    browser.call("Emulation.setEmulatedMedia", session, features=[{"name": "prefers-color-scheme", "value": "dark"}])
    picture("night")
    browser.call("Emulation.setDeviceMetricsOverride", session, width=360, height=740, deviceScaleFactor=2, mobile=True)
    until(browser, session, "document.documentElement.scrollWidth <= innerWidth", "a width that fits a phone")
    picture("phone")
    browser.call("Emulation.clearDeviceMetricsOverride", session)

    browser.call("Runtime.evaluate", session, expression="frames = %s" % FRAMES)
    for step in range(20):
        publish([{"job": id, "status": "running", "progress": 0.8 + step / 100} for id in ids if not ends[id]])
        time.sleep(0.05)
    times = sorted(browser.call("Runtime.evaluate", session, expression="frames", awaitPromise=True,
                                returnByValue=True)["result"]["value"])
    print("frames: median %.1f ms, longest %.1f ms, %d rows, all reporting 20 times a second"
          % (times[len(times) // 2], times[-1], shown))
    if process:
        os.kill(int(process), signal.SIGKILL)
        until(browser, session, "document.getElementById('state').textContent.startsWith('lost')", "the loss")
        picture("lost")
    browser.process.kill()


main(*sys.argv[1:])
