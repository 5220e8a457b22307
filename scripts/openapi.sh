#!/usr/bin/env bash
# Whether /openapi.json is valid, and whether the server answers as it says: schemathesis asks for everything in it, as
# it should be asked and as it should not. Needs python3 and PyPI.
# ./scripts/openapi.sh [ARGUMENT…]   for schemathesis: --max-examples 500, --seed 1
set -euo pipefail
cd "$(dirname "$0")/.."

./scripts/bootstrap.sh
swift build --product tserver >&2
server=$(swift build --show-bin-path)/tserver

place=$(mktemp -d)
running=()
trap '{ kill "${running[@]}" && wait; } 2>/dev/null || true; rm -rf "$place"' EXIT
python3 -m venv "$place/venv"
"$place/venv/bin/pip" install -q --disable-pip-version-check openapi-spec-validator schemathesis

# Its own translation is over at once, so that all three forms of /status end.
exec 3< <(exec "$server" --port 0 --delay 0 --no-access-log --max-jobs 1000000)
running+=($!)
IFS= read -rt 20 line <&3
port=${line##*:}
port=${port%/status}
exec 4< <(exec python3 scripts/openapi/ends.py "$port")
running+=($!)
IFS= read -rt 20 proxy <&4

python3 - "http://127.0.0.1:$port/openapi.json" "$place/openapi.json" <<<'
import sys, urllib.request
open(sys.argv[2], "wb").write(urllib.request.urlopen(sys.argv[1]).read())'
"$place/venv/bin/openapi-spec-validator" "$place/openapi.json"

config=$PWD/scripts/openapi
cd "$place"
PYTHONPATH=$config SCHEMATHESIS_HOOKS=forms NO_COLOR=1 venv/bin/schemathesis --config-file "$config/schemathesis.toml" \
  run openapi.json --url "http://127.0.0.1:$proxy" --max-examples 50 --request-timeout 10 "$@"
kill -0 "${running[0]}"
