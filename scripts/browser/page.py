"""The dashboard in a browser: what a person does there, and what is asked of it."""
import os
import time

import checks
from chromium import Browser

ROWS = "[...document.querySelectorAll('#rows .row')]"
FOCUS = "document.activeElement.closest('#rows .row')?.ariaRowIndex"
COUNT = "Number(document.querySelector('[data-word=%s] b').textContent.replace(',', ''))"


class Page:
    def __init__(self, url, directory):
        self.directory = directory
        self.browser = Browser((1200, 800))
        self.session = self.browser.open(url)
        self.size(1200, 800)

    def state(self, word):
        self.until("document.getElementById('state')?.textContent === '%s'" % word, "the connection's state " + word)

    def size(self, width, height, scale=1):
        self.browser.call("Emulation.setDeviceMetricsOverride", self.session, width=width, height=height,
                          deviceScaleFactor=scale, mobile=scale > 1)

    def see(self, expression, waits=False):
        return self.browser.evaluate(self.session, expression, waits)

    def until(self, expression, what):
        self.browser.until(self.session, expression, what)

    def press(self, *keys):
        for key in keys:
            self.browser.press(self.session, key)

    def type(self, text):
        self.browser.type(self.session, text)

    def picture(self, name):
        time.sleep(0.4)  # bars move to where they belong
        path = os.path.join(self.directory, "dashboard-%s.png" % name)
        self.browser.picture(self.session, path)
        checks.page(self.browser, self.session, name)
        print("%-10s %s" % (name, path), flush=True)
