#!/usr/bin/env bash
# Whether /openapi.json is valid, and whether the server answers as it says: schemathesis asks for everything in it, as
# it should be asked and as it should not; a server without tokens, and one that wants them. Needs PyPI;
# installs python3-venv when it is missing.
# ./scripts/openapi.sh [ARGUMENT…]   for schemathesis: --max-examples 500, --seed 1
set -euo pipefail
cd "$(dirname "$0")/.."

./scripts/bootstrap.sh
if ! python3 -c 'import ensurepip' 2>/dev/null; then
  as_root=()
  ((EUID == 0)) || as_root=(sudo)
  printf 'openapi: installing python3-venv\n' >&2
  "${as_root[@]}" apt-get update -qq >&2
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -qq --no-install-recommends python3-venv >&2
fi
swift build --product tserver >&2
server=$(swift build --show-bin-path)/tserver

place=$(mktemp -d)
running=()
trap '{ kill "${running[@]}" && wait; } 2>/dev/null || true; rm -rf "$place"' EXIT
python3 -m venv "$place/venv"
"$place/venv/bin/pip" install -q --disable-pip-version-check openapi-spec-validator schemathesis

config=$PWD/scripts/openapi

# first_line COMMAND…: starts it, and sets $line to the first one that it prints.
first_line() {
  local output
  exec {output}< <(exec "$@")
  running+=($!)
  IFS= read -rt 20 line <&"$output"
}

# hold NAME DOCUMENT ARGUMENT…: a server with these arguments, to what it says of itself; DOCUMENT is a command that
# takes that in, and gives out what is true of this server.
hold() {
  local name=$1 adapt=$2 port
  shift 2
  printf '\n== %s\n' "$name"
  # Its own translation is over at once, so that all three forms of /status end.
  first_line "$server" --port 0 --delay 0 --no-access-log --max-jobs 1000000 "$@"
  local process=${running[-1]}
  port=${line##*:}
  port=${port%/status}
  first_line python3 "$config/ends.py" "$port"
  python3 -c 'import sys, urllib.request; sys.stdout.buffer.write(urllib.request.urlopen(sys.argv[1]).read())' \
    "http://127.0.0.1:$port/openapi.json" | "$adapt" >"$place/openapi.json"
  "$place/venv/bin/openapi-spec-validator" "$place/openapi.json"
  (cd "$place" && PYTHONPATH=$config SCHEMATHESIS_HOOKS=forms NO_COLOR=1 venv/bin/schemathesis \
    --config-file "$config/schemathesis.toml" run openapi.json --url "http://127.0.0.1:$line" \
    --max-examples 50 --request-timeout 10 "${arguments[@]}")
  kill -0 "$process"
}

arguments=("$@")
export TOKEN=
hold 'without tokens' cat

for role in subscribe publish admin; do (umask 077 && echo "$role-token" >"$place/$role"); done
export TOKEN=admin-token
hold 'with tokens' "$config/guarded.py" --subscribe-token-file "$place/subscribe" \
  --publish-token-file "$place/publish" --admin-token-file "$place/admin"
