"""An event stream, read as it comes: each event with the moment of its last line."""
import http.client
import socket
import threading
import time


class Stream:
    """Reads on a thread of its own, until closed or ended."""

    def __init__(self, port, path, last_event_id=None):
        fields = {"Accept": "text/event-stream"}
        if last_event_id:
            fields["Last-Event-ID"] = last_event_id
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self.connection.connect()
        # The connection forgets its socket when the answer is to be the last one on it.
        self.socket = self.connection.sock
        self.connection.request("GET", path, headers=fields)
        self.response = self.connection.getresponse()
        self.events, self.comments, self.ended = [], 0, False
        self.changed = threading.Condition()
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        event = {}
        try:
            for line in self.response:
                now = time.monotonic()
                name, _, value = line.decode().rstrip("\n").partition(":")
                with self.changed:
                    if line.startswith(b":"):
                        self.comments += 1
                    elif line != b"\n":
                        event[name] = value.removeprefix(" ")
                    elif "data" in event:
                        self.events.append({**event, "time": now})
                        event = {}
                    self.changed.notify_all()
        except (OSError, ValueError, AttributeError, http.client.HTTPException):
            pass  # The last two are what http.client makes of being closed in the middle.
        with self.changed:
            self.ended = True
            self.changed.notify_all()

    def wait(self, condition, what, seconds=10):
        with self.changed:
            if not self.changed.wait_for(lambda: condition(self), seconds):
                raise SystemExit(f"proxies: {what}: not within {seconds} s")
        return self.events

    def close(self):
        try:
            self.socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.connection.close()
