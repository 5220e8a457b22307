"""The programs that ours are compared with: made or fetched when missing, from Debian and PyPI."""
import json
import os
import shutil
import subprocess
import sys

import machine

SOURCES = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "peers")
PYTHON_PACKAGES = ["httpx", "httpx-sse", "sseclient-py", "fastapi", "uvicorn", "uvloop", "httptools"]
NCHAN = ["/usr/lib/nginx/modules/ngx_nchan_module.so", "/usr/share/nginx/modules/ngx_nchan_module.so"]


class Peers:
    """Where each peer is. What is None could not be had; `why` says why."""

    def __init__(self, directory):
        self.directory = directory
        self.why = {}
        os.makedirs(directory, exist_ok=True)
        self.memchr = self._compile("memchr.c")
        self.source = self._compile("source.c", "-pthread")
        self.count = self._compile("count.c", "-lcurl")
        self.fleet = self._compile("fleet.c", "-lcurl")
        self.due = self._compile("due.c")
        self.bare = self._compile("bare.c")
        self.daemon = self._compile("daemon.c", "-lmicrohttpd")
        self.cold = self._compile("cold.c")
        self.drain = self._compile("drain.c")
        self.python = self._try("python", self._environment)
        self.node = shutil.which("node")
        self.node_event_source = self.node and self._try("node_event_source", self._node_event_source)
        self.node_parser = shutil.which("npm") and self._try("node_parser", self._node_parser)
        self.go_hub = self._try("go_hub", self._go_hub)
        self.nginx = shutil.which("nginx")
        self.nchan = next((path for path in NCHAN if os.path.exists(path)), None)

    def versions(self):
        commands = {"curl": ["curl", "--version"], "node": ["node", "--version"], "go": ["go", "version"],
                    "nginx": ["nginx", "-v"], "swift": ["swift", "--version"], "compiler": [compiler(), "--version"]}
        found = {name: machine.version(*command) for name, command in commands.items()}
        if self.python:
            listed = subprocess.run([self.python, "-m", "pip", "list", "--format=json"], capture_output=True, text=True)
            packages = {package["name"]: package["version"] for package in json.loads(listed.stdout)}
            found.update({name: packages.get(name) for name in PYTHON_PACKAGES}, python=machine.version(self.python, "-V"))
        nchan = machine.version("dpkg-query", "-W", "-f", "${Version}", "libnginx-mod-nchan")
        return {**found, "nchan": nchan}

    def script(self, name):
        return os.path.join(SOURCES, name)

    def _try(self, name, make):
        try:
            return make()
        except (OSError, subprocess.SubprocessError) as error:
            output = getattr(error, "stderr", None) or str(error)
            self.why[name] = "not installed: " + str(output).strip().splitlines()[0][:60]
            return None

    def _compile(self, source, *libraries):
        """Without these nothing can be measured."""
        try:
            return self._built(source, lambda path, out: [compiler(), "-O3", "-o", out, path, *libraries])
        except (OSError, subprocess.CalledProcessError) as error:
            raise SystemExit("bench: cannot compile %s: %s" % (source, getattr(error, "stderr", None) or error))

    def _go_hub(self):
        return self._built("hub.go", lambda path, out: ["go", "build", "-o", out, path], name="go-hub")

    def _built(self, source, command, name=None):
        path, out = self.script(source), os.path.join(self.directory, name or source.split(".")[0])
        if not os.path.exists(out) or os.path.getmtime(out) < os.path.getmtime(path):
            subprocess.run(command(path, out), check=True, capture_output=True, text=True)
        return out

    def _environment(self):
        """A virtual environment's Python that has the packages."""
        root = os.path.join(self.directory, "venv")
        python = os.path.join(root, "bin", "python")
        check = [python, "-c", "import httpx, httpx_sse, sseclient, fastapi, uvicorn, uvloop, httptools"]
        if not os.path.exists(python) or subprocess.run(check, capture_output=True).returncode:
            print("bench: installing %s from PyPI" % " ".join(PYTHON_PACKAGES), file=sys.stderr)
            run = {"check": True, "capture_output": True, "text": True}
            subprocess.run([sys.executable, "-m", "venv", "--clear", root], **run)
            subprocess.run([python, "-m", "pip", "install", "--quiet", *PYTHON_PACKAGES], **run)
            subprocess.run(check, **run)
        return python

    def _node_event_source(self):
        subprocess.run([self.node, "--experimental-eventsource", "-e", "new EventSource('http://127.0.0.1:9/').close()"],
                       check=True, capture_output=True, text=True)
        return "--experimental-eventsource"

    def _node_parser(self):
        """eventsource-parser, of which neither Debian nor PyPI has a copy: only where npm's registry can be reached."""
        root = os.path.join(self.directory, "node")
        if not os.path.exists(os.path.join(root, "package")):
            os.makedirs(root, exist_ok=True)
            subprocess.run(["npm", "pack", "--fetch-retries=0", "eventsource-parser@3"], cwd=root, check=True,
                           capture_output=True, text=True, timeout=30)
            archive = next(name for name in os.listdir(root) if name.endswith(".tgz"))
            subprocess.run(["tar", "xzf", archive], cwd=root, check=True, capture_output=True)
        return root


def compiler():
    return shutil.which("cc") or shutil.which("clang") or "cc"
