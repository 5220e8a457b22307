"""What translations that are kept cost a server, and how fast it takes them and their updates.

    jobs.py TSERVER COUNT      2 at least
"""
import contextlib
import json
import socket
import subprocess
import sys
import time

BATCH = 500


@contextlib.contextmanager
def serve(tserver, count):
    """The process of a server and its port, until the end of the block."""
    server = subprocess.Popen([tserver, "--port", "0", "--delay", "3600", "--no-access-log", "--max-jobs", str(count + 1)],
                              stdout=subprocess.PIPE, text=True)
    try:
        yield server, int(server.stdout.readline().rsplit(":", 1)[1].split("/")[0])
    finally:
        server.kill()
        server.wait()


def memory(process):
    with open("/proc/%d/status" % process.pid) as file:
        return next(int(line.split()[1]) * 1024 for line in file if line.startswith("VmRSS"))


def cpu(process):
    with open("/proc/%d/stat" % process.pid) as file:
        return sum(map(int, file.read().rsplit(")", 1)[1].split()[11:13])) / 100


def request(method, path, body, kind="application/json"):
    return ("%s %s HTTP/1.1\r\nHost: localhost\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s"
            % (method, path, kind, len(body), body)).encode()


class Connection:
    def __init__(self, port):
        self.socket, self.buffer = socket.create_connection(("127.0.0.1", port)), b""
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self, message):
        """The body of the answer."""
        self.socket.sendall(message)
        while b"\r\n\r\n" not in self.buffer:
            self.receive()
        head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
        length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        while len(self.buffer) < length:
            self.receive()
        body, self.buffer = self.buffer[:length], self.buffer[length:]
        return body

    def receive(self):
        piece = self.socket.recv(1 << 18)
        if not piece:
            raise ConnectionError("the server closed the connection before it had answered")
        self.buffer += piece


def measure(what, count, server, work):
    begin, used = time.monotonic(), cpu(server)
    work()
    seconds, used = time.monotonic() - begin, cpu(server) - used
    print("%-32s %7.0f a second, %5.1f us CPU of the server each" % (what, count / seconds, used / count * 1e6), flush=True)


def main(tserver, count):
    # The first one is not measured.
    count = max(count, 2)
    with serve(tserver, count) as (server, port):
        run(server, port, count)


def run(server, port, count):
    connection, ids = Connection(port), []
    new = request("POST", "/translations", '{"source":"de","target":"en","title":"A title of some length"}')
    connection.ask(new)
    before = memory(server)

    def submit():
        for _ in range(count - 1):
            ids.append(json.loads(connection.ask(new))["id"])

    measure("POST /translations", count - 1, server, submit)
    print("%d translations kept: %.0f bytes each" % (count, (memory(server) - before) / (count - 1)), flush=True)

    def publish():
        for id in ids[:20000]:
            connection.ask(request("PUT", "/translations/%s/status" % id, '{"status":"running","progress":0.25}'))

    measure("PUT, one connection", len(ids[:20000]), server, publish)

    def batch():
        for start in range(0, len(ids), BATCH):
            lines = "".join('{"job":"%s","status":"running","progress":0.5}\n' % id for id in ids[start:start + BATCH])
            connection.ask(request("POST", "/translations/status", lines, "application/x-ndjson"))

    measure("POST in batches of %d" % BATCH, len(ids), server, batch)
    print("all running, with the history full: %.0f bytes each" % ((memory(server) - before) / (count - 1)), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
