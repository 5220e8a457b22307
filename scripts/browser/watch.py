"""Opens a URL in headless Chromium, and takes a screenshot at each status that the page shows until the final one.

    watch.py URL DIRECTORY

Prints each status as it appears, and fails if the page was loaded more than once on the way.
"""
import os
import sys
import time

from chromium import Browser

FINAL = {"completed", "error", "cancelled"}


def main(url, directory):
    browser = Browser()
    session = browser.open(url)
    shown, end = None, time.time() + 30
    while shown not in FINAL:
        if time.time() > end:
            sys.exit("watch: no final status within 30 s; the last one was %s" % shown)
        text = browser.evaluate(session, "document.querySelector('[role=status]')?.innerText ?? ''")
        status = text.strip().lower()
        if status and status != shown:
            shown = status
            time.sleep(0.3)  # the page's colours fade from one status to the next
            path = os.path.join(directory, "%s.png" % status.split()[0])
            browser.picture(session, path)
            print("%s  %s" % (status, path), flush=True)
        time.sleep(0.05)
    browser.process.kill()
    if browser.loads != 1:
        sys.exit("watch: the page was loaded %d times" % browser.loads)
    print("the page was loaded once")


main(*sys.argv[1:])
