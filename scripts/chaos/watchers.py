"""Many subscribers in one process, plain readers of event streams.

    watchers.py URL DIRECTORY < SUBSCRIBERS          a line each: a name, a path, how many translations it is about

Each subscriber writes what it is told into DIRECTORY/NAME, an event a line, and resumes from there: a process that was
killed goes on as if nothing had been. Ends when every subscriber has seen all of its translations' final statuses.
"""
import json
import os
import selectors
import socket
import sys
import time
import urllib.parse

FINAL = {"completed", "error", "cancelled"}


class Subscriber:
    def __init__(self, address, directory, name, path, count):
        self.address, self.path, self.count = address, path, int(count)
        self.file = os.open(os.path.join(directory, name), os.O_RDWR | os.O_CREAT | os.O_APPEND)
        self.last, self.finals, self.retry = "", set(), 0.2
        for line in os.read(self.file, 1 << 26).splitlines():
            self.remember(json.loads(line))
        self.socket, self.due = None, 0

    def remember(self, event):
        self.last = event["id"]
        if event["status"] in FINAL:
            self.finals.add(event["job"])

    @property
    def is_done(self):
        return len(self.finals) == self.count

    def connect(self, selector):
        self.socket = socket.socket()
        self.socket.setblocking(False)
        self.socket.connect_ex(self.address)
        self.buffer, self.head, self.sent = b"", None, False
        selector.register(self.socket, selectors.EVENT_WRITE, self)

    def close(self, selector):
        selector.unregister(self.socket)
        self.socket.close()
        self.socket, self.due = None, time.monotonic() + self.retry

    def ready(self, selector):
        try:
            if not self.sent:
                # HTTP/1.0: a body without chunks, to the end of the connection.
                resume = "Last-Event-ID: %s\r\n" % self.last if self.last else ""
                self.socket.send(("GET %s HTTP/1.0\r\n%s\r\n" % (self.path, resume)).encode())
                self.sent = True
                selector.modify(self.socket, selectors.EVENT_READ, self)
                return
            piece = self.socket.recv(1 << 16)
        except BlockingIOError:
            return
        except OSError:
            piece = b""
        if not piece:
            return self.close(selector)
        self.buffer += piece
        if self.head is None:
            if b"\r\n\r\n" not in self.buffer:
                return
            self.head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
            status = self.head.split()[1]
            if status not in (b"200", b"204", b"503"):
                sys.exit("watchers: %s was answered %s" % (self.path, status.decode()))
            if status != b"200":
                return self.close(selector)
        *blocks, self.buffer = self.buffer.split(b"\n\n")
        for block in blocks:
            self.receive(block.decode())

    def receive(self, block):
        fields = dict(line.split(": ", 1) for line in block.split("\n") if ": " in line)
        if "retry" in fields:
            self.retry = int(fields["retry"]) / 1000
        if "data" not in fields:
            return
        data = json.loads(fields["data"])
        event = {"id": fields["id"], "type": fields.get("event", "message"), "job": data.get("job"),
                 "status": data.get("status"), "progress": data.get("progress"), "timestamp": data.get("timestamp")}
        os.write(self.file, (json.dumps(event) + "\n").encode())
        self.remember(event)


def main(url, directory):
    at = urllib.parse.urlsplit(url)
    everybody = [Subscriber((at.hostname, at.port), directory, *line.split()) for line in sys.stdin]
    selector = selectors.DefaultSelector()
    while not all(one.is_done for one in everybody):
        now = time.monotonic()
        for one in everybody:
            if one.socket is None and not one.is_done and one.due <= now:
                one.connect(selector)
        for key, _ in selector.select(0.02):
            key.data.ready(selector)


main(*sys.argv[1:])
