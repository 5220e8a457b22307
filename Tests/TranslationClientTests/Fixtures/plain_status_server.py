"""The least that a status server can be: GET /status streams {"status", "timestamp"} without event ids.

Prints its port, then a line for each request. The translation completes when `seconds` (the first argument) have
passed since the first request. Python's standard library only.
"""
import json
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

seconds = float(sys.argv[1])
begun = None
lock = threading.Lock()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        global begun
        with lock:
            begun = begun or time.time()
        print(self.path, self.headers.get("Last-Event-ID", "-"), flush=True)
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Cache-Control", "no-cache")
        self.send_header("Connection", "close")
        self.end_headers()
        end = begun + seconds
        if time.time() < end:
            self.say("pending", begun)
            if self.path == "/drops":
                # Hangs up in the middle of a line.
                self.wfile.write(b'data: {"status": "compl')
                return
            time.sleep(max(0, end - time.time()))
        self.say("completed", end)

    def say(self, status, timestamp):
        self.wfile.write(b"data: %s\n\n" % json.dumps({"status": status, "timestamp": timestamp}).encode())
        self.wfile.flush()

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_port, flush=True)
server.serve_forever()
