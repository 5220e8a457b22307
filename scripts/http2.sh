#!/usr/bin/env bash
# The client behind a proxy that speaks HTTP/2: hundreds of streams on a few connections, requests beside them, a proxy
# that gives connections up and one that is killed, and a connection that dies without a word. Installs nginx when it is missing. ./scripts/http2.sh
set -euo pipefail
cd "$(dirname "$0")/.."

# nginx is in a directory that only root has on its path.
PATH=$PATH:/usr/sbin
missing=()
command -v nginx >/dev/null || missing+=(nginx-light)
command -v openssl >/dev/null || missing+=(openssl)
if ((${#missing[@]})); then
  as_root=()
  ((EUID == 0)) || as_root=(sudo)
  printf 'http2: installing %s\n' "${missing[*]}" >&2
  "${as_root[@]}" apt-get update -qq >&2
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -qq --no-install-recommends "${missing[@]}" >&2
fi

./scripts/bootstrap.sh
bin=$(./scripts/bench/build.sh bench tserver)

place=$(mktemp -d)
server=
relay=
end() {
  kill "$(cat "$place/nginx.pid" 2>/dev/null)" $server $relay 2>/dev/null || true
  rm -rf "$place"
}
trap end EXIT
# Its workers are nobody's.
chmod 711 "$place"

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost \
  -addext subjectAltName=IP:127.0.0.1 -keyout "$place/key" -out "$place/certificate" 2>/dev/null

exec 3< <(exec "$bin/tserver" --port 0 --delay 3600 --no-access-log)
server=$!
IFS= read -rt 20 line <&3
port=${line##*:}
port=${port%/status}
proxy=$(python3 -c 'import socket; s = socket.create_server(("127.0.0.1", 0)); print(s.getsockname()[1])')

cat >"$place/nginx.conf" <<END
worker_processes 1;
pid $place/nginx.pid;
error_log $place/nginx.log;
events { worker_connections 4096; }
http {
  access_log off;
  client_body_temp_path $place/body;
  proxy_temp_path $place/proxy;
  fastcgi_temp_path $place/fastcgi;
  uwsgi_temp_path $place/uwsgi;
  scgi_temp_path $place/scgi;
  upstream translations {
    server 127.0.0.1:${port};
    keepalive 16;
  }
  server {
    listen 127.0.0.1:$proxy ssl http2;
    ssl_certificate $place/certificate;
    ssl_certificate_key $place/key;
    proxy_http_version 1.1;
    proxy_set_header Connection "";
    proxy_set_header Host \$http_host;
    proxy_buffering off;
    location / { proxy_pass http://translations; }
  }
}
END
nginx=(nginx -e "$place/nginx.log" -p "$place" -c "$place/nginx.conf")
"${nginx[@]}"
cat >"$place/restart" <<END
master=\$(cat $place/nginx.pid)
workers=\$(pgrep --parent \$master)
kill -KILL \$master \$workers
while kill -0 \$workers 2>/dev/null; do sleep 0.01; done
${nginx[*]}
END

# A way to the proxy on which, from SIGUSR1 on, nothing passes on the connections that there are: as if a network were gone.
cat >"$place/relay.py" <<'END'
import asyncio, contextlib, signal, sys

open_now, silent = set(), set()

async def pass_on(reader, writer, connection):
    with contextlib.suppress(OSError):
        while data := await reader.read(65536):
            if connection not in silent:
                writer.write(data)

async def accepted(reader, writer):
    open_now.add(writer)
    there = await asyncio.open_connection("127.0.0.1", int(sys.argv[1]))
    await asyncio.gather(pass_on(reader, there[1], writer), pass_on(there[0], writer, writer))

async def main():
    server = await asyncio.start_server(accepted, "127.0.0.1", 0)
    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, lambda: silent.update(open_now))
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
END
exec 4< <(exec python3 "$place/relay.py" "$proxy")
relay=$!
IFS= read -rt 20 relayed <&4

# Through the proxy everybody is this machine: to publish it takes no token there.
"$bin/bench" http2 "https://127.0.0.1:$proxy" "$place/certificate" "${nginx[*]} -s reload 2>/dev/null" "sh $place/restart" \
  "https://127.0.0.1:$relayed" "kill -USR1 $relay"
