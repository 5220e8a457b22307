#!/usr/bin/env bash
# What a browser shows: at /status each status, in one page that is never reloaded, nor when its stream is refused for a
# while; at / the dashboard of hundreds of translations, used by keys, lost and found again; and both where the server
# wants tokens. Takes screenshots, prints frame times, and fails if something is not as it has to be: contrast, names for
# a screen reader, the console, the connections. Needs chromium.
# ./scripts/browser.sh [DIRECTORY]   where the screenshots go; a temporary one by default
set -euo pipefail
cd "$(dirname "$0")/.."
pictures=${1:-$(mktemp -d)}
mkdir -p "$pictures"

command -v chromium >/dev/null || { echo "browser: chromium is missing: apt-get install chromium" >&2; exit 1; }
./scripts/bootstrap.sh
swift build --product tserver >&2
server=$(swift build --show-bin-path)/tserver

log=$(mktemp)
"$server" --port 0 --delay 6 --steps 1 >"$log" &
trap '{ kill %1 && wait %1; } 2>/dev/null || true; rm -f "$log"' EXIT
until url=$(grep -om 1 'http://[^ ]*/status' "$log"); do kill -0 %1; done

python3 scripts/browser/watch.py "$url" "$pictures"
python3 scripts/browser/refused.py "$server"
python3 scripts/browser/dashboard.py "$server" "$pictures" 600
python3 scripts/browser/access.py "$server" "$pictures"
