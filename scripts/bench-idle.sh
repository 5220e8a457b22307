#!/usr/bin/env bash
# What waiting costs: CPU time of a tserver with idle subscribers, and of an idle tclient monitor, over 10 seconds.
# ./scripts/bench-idle.sh [SUBSCRIBERS]   1000 by default
set -euo pipefail
cd "$(dirname "$0")/.."
# Who may publish need not be said here.
export TSERVER_LOG_LEVEL=error
subscribers=${1:-1000}

./scripts/bootstrap.sh
bin=$(./scripts/bench/build.sh tserver tclient bench)

# Milliseconds of CPU time, and KiB resident, of a process.
cpu() { awk -v hz="$(getconf CLK_TCK)" '{ print ($14 + $15) * 1000 / hz }' "/proc/$1/stat"; }
memory() { awk '/^VmRSS/ { print $2 }' "/proc/$1/status"; }

log=$(mktemp)
"$bin/tserver" --port 0 --delay 3600 --max-connections 20000 --no-access-log >"$log" &
server=$!
trap 'kill "$server" "${monitor:-}" "${load:-}" 2>/dev/null || true; rm -f "$log"' EXIT
until url=$(grep -om 1 'http://[^ ]*/status' "$log"); do kill -0 "$server"; done

empty=$(memory "$server")
"$bin/tclient" monitor --url "$url" >/dev/null &
monitor=$!
"$bin/bench" idle "$url" "$subscribers" &
load=$!
sleep 8

before_server=$(cpu "$server")
before_monitor=$(cpu "$monitor")
sleep 10
printf 'tserver: %s subscribers, CPU in 10 s: %s ms, memory %s KiB before them, %s KiB with them\n' \
  "$subscribers" "$(($(cpu "$server") - before_server))" "$empty" "$(memory "$server")"
printf 'tclient monitor: CPU from its start: %s ms, in 10 s: %s ms\n' \
  "$(cpu "$monitor")" "$(($(cpu "$monitor") - before_monitor))"
wait "$load"
