"""Servers that do the same: GET /sub/TOPIC follows a topic, POST /pub/TOPIC sends its body to who does. No heartbeats."""
import contextlib
import os
import random
import resource
import socket
import subprocess
import time


# Below those that the system gives to who connects: thousands do while servers start.
ports = iter(random.sample(range(10_000, 32_000), 22_000))


def free_port():
    """One that nobody has, nor was given before."""
    for port in ports:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                pass
    raise SystemExit("bench: no port is free")


@contextlib.contextmanager
def running(command, port, environment=None):
    """The process of a server, from when it listens until the end of the block."""
    process = subprocess.Popen([str(part) for part in command], stdout=subprocess.DEVNULL, env={**os.environ, **(environment or {})})
    try:
        deadline = time.monotonic() + 30
        while True:
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except ConnectionRefusedError:
                if process.poll() is not None or time.monotonic() > deadline:
                    raise SystemExit("bench: %s does not listen" % command[0])
                time.sleep(0.01)
        yield process
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


class Hubs:
    """How each is started: a function of its port that is a context of its process."""

    def __init__(self, bench, peers, directory):
        self.bench, self.peers, self.directory = bench, peers, directory

    def ours(self, shards):
        return lambda port: running([self.bench, "hub", port, shards], port)

    def nchan(self, workers):
        if not (self.peers.nginx and self.peers.nchan):
            return None
        return lambda port: running([self.peers.nginx, "-p", self.directory, "-c", self._configuration(port, workers)], port)

    def go(self, processors):
        if not self.peers.go_hub:
            return None
        return lambda port: running([self.peers.go_hub, port], port, {"GOMAXPROCS": str(processors)})

    def fastapi(self):
        if not self.peers.python:
            return None
        return lambda port: running([self.peers.python, self.peers.script("hub.py"), port], port)

    def bare(self):
        return lambda port: running([self.peers.bare, port], port)

    def daemon(self):
        return lambda port: running([self.peers.daemon, port], port)

    def _configuration(self, port, workers):
        with open(self.peers.script("nchan.conf")) as file:
            text = file.read()
        values = {"MODULE": self.peers.nchan, "DIRECTORY": self.directory, "WORKERS": workers, "PORT": port,
                  "DESCRIPTORS": resource.getrlimit(resource.RLIMIT_NOFILE)[1]}
        for name, value in values.items():
            text = text.replace("@%s@" % name, str(value))
        path = os.path.join(self.directory, "nchan.conf")
        with open(path, "w") as file:
            file.write(text)
        return path
