"""Opens a status page whose stream is refused on the way, as by a proxy whose server is being restarted, and looks at how
it comes to the final status all the same.

    refused.py SERVER

Ends with exit code 1 at the first thing that is not as it has to be.
"""
import http.client
import http.server
import sys
import threading
import time

from checks import hold
from chromium import Browser
from worker import Server


class Front(http.server.BaseHTTPRequestHandler):
    """What stands before the server: it cuts the first stream after the first event, answers 502 and 429 to the next two, and
    lets the rest through."""
    back = 0
    streams = []

    def do_GET(self):
        is_stream = "text/event-stream" in self.headers.get("Accept", "")
        if is_stream:
            self.streams.append(self.path)
            # Each is asked for twice: by the EventSource, and by the page, which wants to know why it was closed.
            if status := {2: 502, 3: 502, 4: 429, 5: 429}.get(len(self.streams)):
                return self.refuse(status)
        back = http.client.HTTPConnection("127.0.0.1", self.back)
        back.request("GET", self.path, headers={name: self.headers[name] for name in ("Accept", "Last-Event-ID")
                                                if self.headers.get(name)})
        answer = back.getresponse()
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name not in ("Transfer-Encoding", "Connection", "Content-Length"):
                self.send_header(name, value)
        self.send_header("Connection", "close")
        self.end_headers()
        while piece := answer.read1():
            self.wfile.write(piece)
            self.wfile.flush()
            if is_stream and len(self.streams) == 1:
                break
        back.close()
        self.close_connection = True

    def refuse(self, status):
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.send_header("Retry-After", "1")
        self.end_headers()

    def log_message(self, *_):
        pass


def main(binary):
    # Long enough for two waits of the page's.
    server = Server(binary, "--delay", "8", "--steps", "1")
    Front.back = server.port
    front = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Front)
    threading.Thread(target=front.serve_forever, daemon=True).start()
    browser = Browser()
    try:
        session = browser.open("http://127.0.0.1:%d/status" % front.server_port)
        browser.until(session, "document.querySelector('main')?.dataset.status === 'completed'", "the final status")
        time.sleep(0.2)
        hold("it was refused four times, and then let in", len(Front.streams) == 6)
        hold("it went on where it was", "last_event_id=" in Front.streams[-1])
        hold("nobody was told to reload", browser.evaluate(session, "document.getElementById('refusal').hidden"))
        hold("the page was loaded once", browser.loads == 1)
        print("the stream was refused for a while, and the page came back")
    finally:
        browser.process.kill()
        server.stop()


main(*sys.argv[1:])
