#!/usr/bin/env bash
# The whole scenario on one machine: starts a server whose translation takes a few seconds, asks for its status,
# monitors it until it is completed, asks again, and stops the server. Installs and builds what is missing first.
# ./scripts/demo.sh [SECONDS]   how long the translation takes, 3 by default
set -euo pipefail
cd "$(dirname "$0")/.."
delay=${1:-3}

./scripts/bootstrap.sh
swift build --product tserver >&2
swift build --product tclient >&2
bin=$(swift build --show-bin-path)

log=$(mktemp)
"$bin/tserver" --port 0 --delay "$delay" >"$log" 2>&1 &
server=$!
trap 'kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; rm -f "$log" "$log.monitor"' EXIT

# The server's first line says where it listens; port 0 let it choose.
until url=$(grep -om 1 'http://[^ ]*/status' "$log"); do
  kill -0 "$server" 2>/dev/null || { cat "$log" >&2; exit 1; }
done

printf '\nStep 1: getStatus()\n'
"$bin/tclient" status --url "$url"

printf '\nStep 2: monitor() until completed\n'
"$bin/tclient" monitor --url "$url" | tee "$log.monitor"
seen=$(sed -n "s/^Server 'completed' Timestamp: //p" "$log.monitor")

printf '\nStep 3: getStatus() again\n'
last=$("$bin/tclient" status --url "$url")
printf '%s\n' "$last"

case $last in
  "Current Status: completed, Timestamp: $seen")
    printf '\nThe last status is completed, with the timestamp that the monitor saw: %s\n' "$seen" ;;
  *)
    printf 'demo: expected completed with timestamp %s\n' "$seen" >&2
    exit 1 ;;
esac
