"""Opens a server that wants tokens in headless Chromium, gives it wrong and right ones, and looks at what it says.

    access.py SERVER DIRECTORY

Ends with exit code 1 at the first thing that is not as it has to be.
"""
import base64
import hashlib
import hmac
import json
import os
import sys
import tempfile
import time

import checks
from checks import Failure, hold
from page import ROWS, Page
from worker import Server, Worker

KEY = bytes(range(32))
FORM = "document.getElementById('access')?.hidden === false"
REASON = "document.getElementById('refusal').textContent"


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def signed(claims):
    """A JSON Web Token."""
    text = ".".join(base64url(json.dumps(part).encode()) for part in ({"alg": "HS256"}, claims))
    return text + "." + base64url(hmac.new(KEY, text.encode(), hashlib.sha256).digest())


def guarded(binary, directory):
    """A server with a token that reads, one that publishes, and a key for others."""
    keys = json.dumps({"keys": [{"kty": "oct", "alg": "HS256", "k": base64url(KEY)}]})
    arguments = []
    for option, text in (("subscribe-token-file", "reader"), ("publish-token-file", "worker"), ("jwks-file", keys)):
        path = os.path.join(directory, option)
        with open(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600), "w") as file:
            file.write(text)
        arguments += ["--" + option, path]
    return Server(binary, *arguments)


class Access(Page):
    def __init__(self, server, directory):
        self.server, self.worker = server, Worker(server.url, "worker")
        super().__init__(server.url + "/", directory)

    def refused(self, words):
        self.until("%s && %s.includes('%s')" % (FORM, REASON, words), "the form for a token, which says: " + words)
        hold("the focus is in the field", self.see("document.activeElement.id") == "token")

    def enter(self, token):
        self.type(token)
        self.press("Enter")

    def streams(self):
        return [url for kind, url in self.browser.requests if kind == "EventSource"]

    def reload(self):
        self.browser.call("Page.reload", self.session)

    def reading(self):
        self.refused("This needs a token")
        self.state("refused")
        self.picture("access")
        self.type("no token")
        self.press("Enter")
        hold("what cannot be a token is not sent", self.see("document.querySelector('#token:invalid') !== null"))
        self.see("document.getElementById('token').value = ''; 0")
        self.enter("worker")
        self.refused("it takes one for subscribe")
        self.state("refused")
        self.picture("forbidden")
        hold("what is refused is not kept", self.see("sessionStorage.getItem('token')") is None)
        count = len(self.streams())
        time.sleep(3)
        hold("what is refused is not tried again", len(self.streams()) == count, self.streams())
        self.reload()
        self.refused("This needs a token")
        self.enter("reader")
        self.state("live")
        hold("the form has gone", not self.see(FORM))
        self.until(ROWS + ".some(row => row.textContent.includes('→'))", "what the token opens")
        hold("the stream brings the token", self.streams()[-1].endswith("?access_token=reader"), self.streams())

    def changing(self):
        count = len(self.streams())
        self.press("n")
        self.see("document.querySelector('[name=title]').focus()")
        self.type("Faust")
        self.press("Enter")
        self.refused("it takes one for publish")
        hold("the page goes on reading", self.see("document.getElementById('state').textContent") == "live")
        self.picture("change")
        self.enter("reader")
        self.until("document.getElementById('making').open", "the dialog, to be sent again")
        self.see("document.querySelector('#making [type=submit]').click()")
        self.refused("it takes one for publish")
        self.enter("worker")
        self.until("document.getElementById('making').open", "the dialog once more")
        hold("what was typed is there", self.see("document.querySelector('[name=title]').value") == "Faust")
        self.press("Enter")
        self.until(ROWS + ".some(row => row.textContent.includes('Faust'))", "the row of what was made")
        hold("the stream was left alone", len(self.streams()) == count, self.streams())

    def cancelling(self):
        self.see("sessionStorage.removeItem('token for changes')")
        self.reload()
        self.until(ROWS + ".some(row => row.textContent.includes('Faust'))", "the row of what was made")
        self.see(ROWS + ".find(row => row.textContent.includes('Faust')).cancel.click()")
        self.until("document.getElementById('ending').open", "the question")
        self.see("document.getElementById('end').click()")
        self.refused("it takes one for publish")
        self.see("document.getElementById('later').click()")
        hold("it can be left at that", not self.see(FORM))
        self.see(ROWS + ".find(row => row.textContent.includes('Faust')).cancel.click()")
        self.see("document.getElementById('end').click()")
        self.refused("it takes one for publish")
        self.enter("worker")
        self.until("document.getElementById('ending').open", "the question again")
        self.see("document.getElementById('end').click()")
        self.until(ROWS + ".some(row => row.dataset.status === 'cancelled')", "the end of what was cancelled")

    def status(self):
        self.worker.submit(1)
        self.see("sessionStorage.setItem('token', 'worker')")
        self.see("location = '/translations/%s/status'; 0" % self.worker.ids[0])
        self.until("document.getElementById('reason')?.textContent.includes('it takes one for subscribe')",
                   "why the status is not shown")
        self.until("document.getElementById('connection').textContent.startsWith('refused')", "that it was refused")
        checks.page(self.browser, self.session, "status", {"main", "heading", "status", "alert", "link"})
        self.browser.picture(self.session, os.path.join(self.directory, "refused.png"))
        self.see("document.querySelector('#refusal a').click()")
        self.refused("it takes one for subscribe")
        hold("the link leads to the page of all", self.see("location.pathname") == "/", self.see("location.href"))
        self.enter("reader")
        self.state("live")
        self.see("history.back()")
        self.until("document.getElementById('status')?.textContent === 'pending'", "the status, with that token")
        self.see("location = '/'; 0")
        self.state("live")

    def ended(self):
        """With tokens that are good for translations which have ended, or are gone."""
        self.worker.publish([{"job": self.worker.ids[0], "status": "completed"}])
        for jobs, words, rows in ((self.worker.ids, "nothing is left to follow", 1), (["gone"], "None of the", 0)):
            self.see("document.querySelector('footer [href=\"#token\"]').click()")
            self.refused("with this token")
            self.enter(signed({"scope": "subscribe", "jobs": jobs}))
            self.state("ended")
            self.until("document.getElementById('wait').textContent.startsWith('%s')" % words, words)
            count = len(self.streams())
            time.sleep(3)
            hold("it is not asked for again", len(self.streams()) == count, self.streams())
            self.until(ROWS + ".length === %d" % rows, "what the token is good for")
            self.reload()
            self.state("ended")
            self.until(ROWS + ".length === %d" % rows, "the same from the start")
            self.picture("ended-%d" % rows)


def main(binary, directory):
    with tempfile.TemporaryDirectory() as place:
        server = guarded(binary, place)
        access = Access(server, directory)
        try:
            access.reading()
            access.changing()
            access.cancelling()
            access.status()
            access.ended()
        except Failure as failure:
            sys.exit("access: " + str(failure))
        finally:
            access.browser.process.kill()
            server.stop()
    print("access: all well")


main(*sys.argv[1:])
