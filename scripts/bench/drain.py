"""How clients come back after a server was replaced: plain event stream readers that wait as long as they are told.

    drain.py TSERVER SUBSCRIBERS [OPTION…]      options for the first tserver

Subscribes, sends SIGTERM, starts the next server on the port as soon as the first has ended, and prints how many
subscribers came back in which second, and the most in a tenth of a second.
"""
import collections
import contextlib
import heapq
import resource
import selectors
import signal
import socket
import subprocess
import sys
import time

RETRY = 1000


class Crowd:
    def __init__(self, port, count):
        self.port, self.selector, self.due, self.back = port, selectors.DefaultSelector(), [], []
        self.streams, self.tries = 0, 0
        for number in range(count):
            self.connect(number, RETRY / 1000)
            if number % 100 == 99:
                self.turn(lambda: self.streams > number - 100)
        self.turn(lambda: self.streams == count)

    def connect(self, number, retry):
        client = socket.socket()
        client.setblocking(False)
        client.bind(("127.0.0.%d" % (10 + number % 20), 0))
        client.connect_ex(("127.0.0.1", self.port))
        self.tries += 1
        self.selector.register(client, selectors.EVENT_WRITE, [number, retry, False])

    def lost(self, client, state):
        self.selector.unregister(client)
        client.close()
        if state[2]:
            self.streams -= 1
        heapq.heappush(self.due, (time.monotonic() + state[1], state[0], state[1]))

    def turn(self, until):
        while not until():
            while self.due and self.due[0][0] <= time.monotonic():
                _, number, retry = heapq.heappop(self.due)
                self.connect(number, retry)
            for key, events in self.selector.select(0.005):
                client, state = key.fileobj, key.data
                try:
                    if events & selectors.EVENT_WRITE:
                        client.send(b"GET /status HTTP/1.0\r\n\r\n")
                        self.selector.modify(client, selectors.EVENT_READ, state)
                        continue
                    piece = client.recv(4096)
                except OSError:
                    piece = b""
                if not piece:
                    self.lost(client, state)
                    continue
                if not state[2] and b" 200 " in piece[:16]:
                    state[2] = True
                    self.streams += 1
                    self.back.append(time.monotonic())
                for line in piece.split(b"\n"):
                    if line.startswith(b"retry: "):
                        state[1] = int(line[7:]) / 1000


@contextlib.contextmanager
def serve(tserver, port, *options):
    """The process of a server and its port, until the end of the block."""
    server = subprocess.Popen([tserver, "--port", str(port), "--delay", "3600", "--retry", str(RETRY), "--no-access-log",
                               "--max-connections", "15000", *options], stdout=subprocess.PIPE, text=True)
    try:
        yield server, int(server.stdout.readline().rsplit(":", 1)[1].split("/")[0])
    finally:
        server.kill()
        server.wait()


def main(tserver, count, *options):
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    with serve(tserver, 0, *options) as (first, port):
        crowd = Crowd(port, count)
        crowd.back, crowd.tries = [], 0
        begin = time.monotonic()
        first.send_signal(signal.SIGTERM)
        crowd.turn(lambda: first.poll() is not None)
        ended = time.monotonic() - begin
    with serve(tserver, port):
        crowd.turn(lambda: crowd.streams == count)
    seconds = collections.Counter(int(at - begin) for at in crowd.back)
    tenths = collections.Counter(int((at - begin) * 10) for at in crowd.back)
    print("%-18s exit code %d after %.1f s; back by second: %s; the most in 0.1 s: %d; %.2f attempts each"
          % (" ".join(options) or "default", first.returncode, ended,
             " ".join(str(seconds[n]) for n in range(max(seconds) + 1)), max(tenths.values()), crowd.tries / count))


main(sys.argv[1], int(sys.argv[2]), *sys.argv[3:])
