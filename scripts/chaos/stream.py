"""Event streams over HTTP/1.1, many in a process: the parser of the standard, and a loop over epoll.

https://html.spec.whatwg.org/multipage/server-sent-events.html. Python's standard library only.
"""
import heapq
import itertools
import resource
import selectors
import socket
import time


def raise_descriptor_limit():
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


class Events:
    """The blocks of an event stream, from bytes in any pieces.

    `feed` gives (type, data, last event id) for each event; for a block without data only the id changes.
    """

    def __init__(self, last_event_id=""):
        self.id = last_event_id
        self.retry = None
        self._next_id = last_event_id
        self._type = ""
        self._data = []
        self._rest = b""

    def feed(self, piece):
        events = []
        # The server ends lines with LF alone.
        *lines, self._rest = (self._rest + piece).split(b"\n")
        for line in lines:
            if not line:
                self._end_block(events)
                continue
            name, _, value = line.decode().partition(":")
            value = value.removeprefix(" ")
            if name == "data":
                self._data.append(value)
            elif name == "id":
                self._next_id = value
            elif name == "event":
                self._type = value
            elif name == "retry" and value.isdecimal():
                self.retry = int(value) / 1000
        return events

    def _end_block(self, events):
        self.id = self._next_id
        if self._data:
            events.append((self._type or "message", "\n".join(self._data), self.id))
        self._type, self._data = "", []


class Answer:
    """The head of a response and its body without the chunks, from bytes in any pieces."""

    def __init__(self):
        self.status = None
        self._rest = b""
        self._chunked = False
        # Bytes of a chunk that are to come, and after them a line end.
        self._left = 0
        self.is_complete = False

    def feed(self, piece):
        self._rest += piece
        if self.status is None:
            head, end, rest = self._rest.partition(b"\r\n\r\n")
            if not end:
                return b""
            self._rest = rest
            self.status = int(head.split(b" ", 2)[1])
            self._chunked = b"transfer-encoding: chunked" in head.lower()
        if not self._chunked:
            body, self._rest = self._rest, b""
            return body
        return b"".join(self._chunks())

    def _chunks(self):
        while True:
            if self._left > 2:
                piece = self._rest[:self._left - 2]
                self._rest = self._rest[len(piece):]
                self._left -= len(piece)
                yield piece
            if self._left > 2 or len(self._rest) < self._left:
                return
            self._rest, self._left = self._rest[self._left:], 0
            size, end, rest = self._rest.partition(b"\r\n")
            if not end:
                return
            self._rest = rest
            self._left = int(size.split(b";")[0], 16) + 2
            if self._left == 2:
                self.is_complete = True
                return


class Loop:
    """Sockets and times. Subclasses of Subscriber live here; ends when none is left."""

    def __init__(self):
        self.selector = selectors.DefaultSelector()
        self.active = 0
        self._times = []
        self._order = itertools.count()

    def at(self, when, action):
        heapq.heappush(self._times, (when, next(self._order), action))

    def run(self, tick=None):
        while self.active:
            now = time.monotonic()
            while self._times and self._times[0][0] <= now:
                heapq.heappop(self._times)[2]()
            wait = max(0.0, self._times[0][0] - time.monotonic()) if self._times else 1.0
            for key, _ in self.selector.select(min(wait, 1.0)):
                key.data.ready()
            if tick:
                tick()


class Subscriber:
    """An EventSource: reconnects after the server's reconnection time with its last event id, ends at 204.

    To be told by `opened`, `received(type, data, id)`, `ended(status)` and `lost`.
    """

    def __init__(self, loop, address, path, last_event_id="", retry=0.2):
        self.loop, self.address, self.path, self.retry = loop, address, path, retry
        self.events = Events(last_event_id)
        self.socket = None
        loop.active += 1

    def connect(self):
        self.answer = Answer()
        # What a stream left behind in the middle of a block is dropped with it.
        self.events = Events(self.events.id)
        self.socket = socket.socket()
        self.socket.setblocking(False)
        self.socket.connect_ex(self.address)
        self._sent = False
        self.loop.selector.register(self.socket, selectors.EVENT_WRITE, self)

    def ready(self):
        try:
            if self._sent:
                self._read()
            else:
                self._send()
        except BlockingIOError:
            pass
        except OSError:
            self._drop()
            self.lost()
            self.reconnect()

    def _send(self):
        error = self.socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if error:
            raise OSError(error, "connect")
        last = f"Last-Event-ID: {self.events.id}\r\n" if self.events.id else ""
        host = "%s:%d" % self.address
        self.socket.send(
            f"GET {self.path} HTTP/1.1\r\nHost: {host}\r\nAccept: text/event-stream\r\n{last}\r\n".encode())
        self._sent = True
        self.loop.selector.modify(self.socket, selectors.EVENT_READ, self)

    def _read(self):
        piece = self.socket.recv(65536)
        was_open = self.answer.status is not None
        body = self.answer.feed(piece)
        if not was_open and self.answer.status == 200:
            self.opened()
        if self.answer.status == 200:
            events = self.events.feed(body)
            if self.events.retry is not None:
                self.retry = self.events.retry
            if events:
                self.received(events)
            if self.socket is None:
                return
        elif self.answer.status is not None and self.answer.status != 503:
            self.close()
            self.ended(self.answer.status)
            return
        if not piece or self.answer.is_complete or self.answer.status == 503:
            self._drop()
            self.lost()
            self.reconnect()

    def reconnect(self):
        self.loop.at(time.monotonic() + self.retry, self.connect)

    def close(self):
        """For good."""
        self._drop()
        self.loop.active -= 1

    def _drop(self):
        self.loop.selector.unregister(self.socket)
        self.socket.close()
        self.socket = None

    def opened(self): pass

    def received(self, events): pass

    def ended(self, status): pass

    def lost(self): pass
