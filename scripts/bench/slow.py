"""What subscribers who never read cost a server, and the subscribers who do.

    slow.py TSERVER SUBSCRIBERS STALLED
"""
import json
import resource
import selectors
import socket
import sys
import time

from jobs import Connection, memory, request, serve

UPDATES, PAUSE, MESSAGE = 200, 0.05, "x" * 900


def subscribe(port, path, stalled):
    client = socket.socket()
    if stalled:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.connect(("127.0.0.1", port))
    client.sendall(("GET %s HTTP/1.1\r\nHost: a\r\n\r\n" % path).encode())
    return client


def main(tserver, subscribers, stalled):
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    with serve(tserver, 10) as (server, port):
        run(server, port, subscribers, stalled)


def run(server, port, subscribers, stalled):
    connection = Connection(port)
    job = json.loads(connection.ask(request("POST", "/translations", '{"source":"de","target":"en"}')))["id"]
    path = "/translations/%s/status" % job
    clients = [subscribe(port, path, number < stalled) for number in range(subscribers)]
    selector = selectors.DefaultSelector()
    for client in clients[stalled:]:
        client.setblocking(False)
        selector.register(client, selectors.EVENT_READ)
    delays = []

    def read(until):
        while (left := until - time.monotonic()) > 0:
            for key, _ in selector.select(left):
                piece = key.fileobj.recv(1 << 16)
                now = time.time()
                for part in piece.split(b'"timestamp":')[1:]:
                    delays.append(now - float(part.split(b",")[0]))

    read(time.monotonic() + 1)
    delays.clear()
    before = memory(server)
    for step in range(UPDATES):
        change = '{"status":"running","progress":%s,"message":"%s"}' % (step / UPDATES, MESSAGE)
        connection.ask(request("PUT", path, change))
        read(time.monotonic() + PAUSE)
    read(time.monotonic() + 1)
    count = len(delays)
    # Where all are stalled there is none.
    delays = sorted(delays) or [float("nan")]
    print("%4d of %d never read: memory %+5d KiB; %d of %d deliveries, delay p50 %.1f ms, p99 %.1f ms"
          % (stalled, subscribers, (memory(server) - before) / 1024, count, UPDATES * (subscribers - stalled),
             delays[len(delays) // 2] * 1000, delays[len(delays) * 99 // 100] * 1000), flush=True)


main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
