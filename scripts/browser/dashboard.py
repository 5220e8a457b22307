"""Opens a server's page of translations in headless Chromium, uses it as a person would, and looks at what it shows.

    dashboard.py SERVER DIRECTORY COUNT

Starts that server, and takes a screenshot of each state; ends with exit code 1 at the first thing that is not as it has
to be. Prints how long the page's frames took while some 300 of COUNT translations reported 20 times a second each.
"""
import sys
import time

from checks import Failure, hold, quiet
from page import COUNT, FOCUS, ROWS, Page
from worker import Server, Worker

# A clock that is three minutes slow, before the page has looked at it.
SLOW = """
const now = Date.now, off = -180000;
Date.now = () => now() + off;
Object.defineProperty(performance, "timeOrigin", { value: performance.timeOrigin + off });
"""

FRAMES = """
new Promise(done => {
  const times = []; const end = performance.now() + 6000; let last = performance.now();
  const step = now => { times.push(now - last); last = now; now < end ? requestAnimationFrame(step) : done(times); };
  requestAnimationFrame(step);
})"""


class Dashboard(Page):
    def __init__(self, server, directory, count):
        self.count, self.server, self.worker = count, server, Worker(server.url)
        super().__init__(server.url + "/", directory)
        self.state("live")

    def empty(self):
        self.until(ROWS + ".length === 1", "the server's own translation")
        self.until("!document.getElementById('hint').hidden", "the hint")
        self.picture("empty")

    def create_and_cancel(self):
        self.press("n")
        self.until("document.getElementById('making').open", "the dialog of a new translation")
        self.type("deutsch-")
        self.press("Enter")
        self.until("document.activeElement.ariaInvalid === 'true'", "what the server says against a language")
        self.picture("wrong")
        self.see("document.activeElement.select()")
        self.type("de")
        self.see("document.querySelector('[name=title]').focus()")
        self.type("Faust, der Tragödie erster Teil")
        self.see("document.querySelector('[name=seconds]').focus()")
        self.type("600")
        self.picture("new")
        self.press("Enter")
        self.until("!document.getElementById('making').open", "the end of the dialog")
        self.until(ROWS + ".some(row => row.textContent.includes('Tragödie'))", "the row of what was made")
        self.press("ArrowDown")
        self.until("document.activeElement.textContent.includes('Tragödie')", "the focus on what was made")
        self.press("x")
        self.until("document.getElementById('ending').open", "the question")
        self.picture("cancel")
        self.press("Escape")
        self.until("!document.getElementById('ending').open", "a way back")
        self.press("x")
        self.see("document.getElementById('end').click()")
        self.until(ROWS + ".some(row => row.dataset.status === 'cancelled')", "the end of what was cancelled")
        self.until("document.getElementById('notice').textContent.startsWith('Cancelled')", "the word for it")
        hold("nothing is left to cancel there", self.see("document.querySelector('[data-status=cancelled] .cancel').hidden"))

    def busy(self):
        self.worker.submit(self.count)
        self.worker.some()
        self.until("%s === %d" % (COUNT % "all", self.count + 2), "a count of all")
        hold("no more rows than can be seen", self.see(ROWS + ".length") < 30)
        self.until(ROWS + ".every(row => row.textContent.includes('→'))", "the languages of each")
        running = [id for id, end in self.worker.ends.items() if not end][:320]
        self.see("globalThis.frames_ = %s; 0" % FRAMES)
        reports = self.worker.report(20, 6, running)
        time.sleep(4)
        self.picture("busy")
        times = sorted(self.see("frames_", waits=True))
        reports.join()
        at = lambda part: times[int(len(times) * part)]
        print("frames: median %.1f ms, p95 %.1f ms, longest %.1f ms, at %.0f updates a second of %d among %d translations"
              % (at(0.5), at(0.95), times[-1], reports.sent / reports.took, len(running), self.count + 2))
        hold("half of the frames within 20 ms", at(0.5) < 20, at(0.5))
        hold("delays are told", self.see("document.getElementById('median').textContent").endswith("ms"))

    def find(self):
        self.press("/")
        hold("/ goes to the search", self.see("document.activeElement.id") == "search")
        self.type("chapter 17")
        found = sum(str(number + 1).startswith("17") for number in range(self.count))
        self.until("document.getElementById('table').ariaRowCount === '%d'" % (found + 1), "what was sought")
        self.until(ROWS + ".every(row => row.textContent.includes('Chapter 17'))", "its rows")
        self.press("ArrowDown")
        hold("an arrow goes to the rows", self.see(FOCUS) == "2", self.see(FOCUS))
        self.press("ArrowDown", "ArrowDown", "ArrowUp")
        hold("arrows go from row to row", self.see(FOCUS) == "3", self.see(FOCUS))
        self.press("End")
        hold("End goes to the last", self.see(FOCUS) == str(found + 1), self.see(FOCUS))
        self.picture("search")
        self.press("Escape")
        self.until("document.getElementById('search').value === ''", "Escape shows all")
        self.type(self.worker.ids[0][:12])
        self.until("document.getElementById('table').ariaRowCount === '2'", "what an id finds")
        self.press("Escape")
        self.type("no such thing")
        self.until("!document.getElementById('empty').hidden", "that nothing is found")
        self.picture("nothing")
        self.press("Escape")
        self.press("Escape")
        self.press("4")
        self.until(ROWS + ".every(row => row.dataset.status === 'error')", "the filter")
        self.picture("failed")
        self.press("0")
        for sorting, what in (("progress", "ariaValueNow"), ("state", "status")):
            self.see("(at => { at.value = '%s'; at.onchange(); })(document.getElementById('sort'))" % sorting)
            self.until("document.getElementById('sort').value === '%s'" % sorting, what)
        self.until(ROWS + "[0].dataset.status === 'running'", "those that run, first")
        self.press("?")
        self.picture("help")
        self.press("Escape")

    def scroll(self):
        self.see("(at => { at.value = 'newest'; at.onchange(); })(document.getElementById('sort')); scrollTo(0, 15000)")
        top = "(row => row && [row.textContent.slice(0, 12), Math.round(row.getBoundingClientRect().top)].join())(%s.find(" \
            "row => row.getBoundingClientRect().top >= 0))" % ROWS
        self.until("(%s)?.startsWith('Chapter')" % top, "rows far down")
        self.see("new Promise(done => setTimeout(done, 300))", waits=True)
        before, count = self.see(top), self.see(COUNT % "all")
        self.worker.submit(3)
        self.until("%s === %d" % (COUNT % "all", count + 3), "the new ones")
        self.see("new Promise(done => setTimeout(done, 300))", waits=True)
        hold("what is read stays where it is", self.see(top) == before, [before, self.see(top)])
        self.see("scrollTo(0, 0)")

    def night_and_phone(self):
        self.browser.call("Emulation.setEmulatedMedia", self.session,
                          features=[{"name": "prefers-color-scheme", "value": "dark"}])
        self.picture("dark")
        self.size(360, 740, 2)
        self.picture("phone")
        self.size(1200, 800)
        self.browser.call("Emulation.setEmulatedMedia", self.session, features=[])

    def lose_and_return(self):
        connections = [url for kind, url in self.browser.requests if kind == "EventSource"]
        hold("one connection for all of it", len(connections) == 1, connections)
        hold("one page", self.browser.loads == 1, self.browser.loads)
        quiet(self.browser, allowed=("422 (Unprocessable",))
        self.server.stop()
        self.state("lost")
        self.until("document.getElementById('wait').textContent.includes('reconnecting')", "what is done about it")
        self.picture("lost")
        # It comes back without what it knew.
        self.server.start()
        self.state("live")
        self.until("%s === 1" % (COUNT % "all"), "nothing but what there is now")

    def slow_clock(self):
        script = self.browser.call("Page.addScriptToEvaluateOnNewDocument", self.session, source=SLOW)["identifier"]
        self.browser.call("Page.reload", self.session)
        self.until("document.getElementById('clocks')?.textContent.includes('this browser’s is 180.0 s behind')"
                   .replace("’", "\\'"), "that this browser's clock is behind")
        self.worker.submit(40)
        self.worker.report(20, 3, [id for id, end in self.worker.ends.items() if not end][-20:]).join()
        self.until("document.getElementById('median').textContent.endsWith('ms')", "delays")
        median, clocks = (self.see("document.getElementById('%s').textContent" % id) for id in ("median", "clocks"))
        print("a clock 180 s slow: median delay %s%s" % (median, clocks))
        hold("delays are right with a wrong clock", 0 <= float(median.split()[0].replace("−", "-")) < 100, median)
        elapsed = self.see("%s[0].querySelector('.elapsed').textContent" % ROWS)
        hold("and so is what has elapsed", elapsed.endswith(" s") and 0 <= float(elapsed.split()[0]) < 30, elapsed)
        self.picture("clocks")
        self.browser.call("Page.removeScriptToEvaluateOnNewDocument", self.session, identifier=script)


def main(binary, directory, count):
    server = Server(binary)
    dashboard = Dashboard(server, directory, int(count))
    try:
        dashboard.empty()
        dashboard.create_and_cancel()
        dashboard.busy()
        dashboard.find()
        dashboard.scroll()
        dashboard.night_and_phone()
        dashboard.lose_and_return()
        dashboard.slow_clock()
    except Failure as failure:
        sys.exit("dashboard: " + str(failure))
    finally:
        dashboard.browser.process.kill()
        server.stop()
    print("dashboard: all well")


main(*sys.argv[1:])
