"""A proxy with the configuration that the guide has for it, but for ports and one time limit."""
import os
import pathlib
import re
import socket
import subprocess
import time

GUIDE = pathlib.Path("Sources/EventStreamServer/EventStreamServer.docc/BehindAProxy.md")

NGINX = """
daemon off;
worker_processes 1;
pid {place}/nginx.pid;
error_log {place}/nginx.log;
events {{ worker_connections 768; }}
http {{
  access_log off;
  client_body_temp_path {place}/body;
  proxy_temp_path {place}/proxy;
  fastcgi_temp_path {place}/fastcgi;
  uwsgi_temp_path {place}/uwsgi;
  scgi_temp_path {place}/scgi;
  include {place}/nginx.guide;
}}
"""


class Proxy:
    def __init__(self, name, server, place):
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        [block] = re.findall(rf"^```{name}\n(.*?)^```$", GUIDE.read_text(), re.M | re.S)
        # The server's heartbeat is a fifteenth of the usual one here, and so is what silence is measured by.
        changes = (("127.0.0.1:8000", f"127.0.0.1:{server}"), ("8080", str(self.port)), ("timeout 60s", "timeout 4s"))
        for old, new in changes:
            if old not in block and name == "nginx":
                raise SystemExit(f"proxies: {old} is not in the guide any more")
            block = block.replace(old, new)
        self.environment = None
        if name == "nginx":
            pathlib.Path(place, "nginx.guide").write_text(block)
            pathlib.Path(place, "nginx.conf").write_text(NGINX.format(place=place))
            self.command = ["nginx", "-e", f"{place}/nginx.log", "-p", place, "-c", f"{place}/nginx.conf"]
        else:
            pathlib.Path(place, "Caddyfile").write_text("{\n\tadmin off\n\tauto_https off\n}\n" + block)
            self.command = ["caddy", "run", "--adapter", "caddyfile", "--config", f"{place}/Caddyfile"]
            self.environment = {**os.environ, "XDG_DATA_HOME": place, "XDG_CONFIG_HOME": place, "HOME": place}
        self.log = open(f"{place}/{name}.out", "a+")
        self.start()

    def start(self):
        self.process = subprocess.Popen(self.command, env=self.environment, stdout=self.log, stderr=self.log)
        deadline = time.monotonic() + 20
        while True:
            try:
                return socket.create_connection(("127.0.0.1", self.port), 1).close()
            except OSError:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    self.log.seek(0)
                    raise SystemExit(f"proxies: {self.command[0]} does not run:\n{self.log.read()}")
                time.sleep(0.02)

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
