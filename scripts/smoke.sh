#!/usr/bin/env bash
# The real binaries, used as a person would: the scenario, a server that is killed and comes back, the usual mistakes,
# many translations, metrics, curl, and what the binaries are linked to. A line for each check; ends at the first that fails.
set -euo pipefail
cd "$(dirname "$0")/.."

./scripts/bootstrap.sh
swift build --product tserver >&2
swift build --product tclient >&2
bin=$(swift build --show-bin-path)

seen=$(mktemp)
# The processes that run in the background, by number.
declare -A running=()
stop_all() {
  local process
  for process in "${!running[@]}"; do kill -KILL "$process" 2>/dev/null || true; done
  rm -f "$seen"
}
trap stop_all EXIT

ok() { printf 'ok      %s\n' "$1"; }
failed() {
  printf 'FAILED  %s; seen:\n' "$1"
  sed 's/^/        /' "$seen"
  exit 1
}

# expect NAME CODE TEXT COMMAND…: the command ends with that exit code and prints that text, on whichever stream.
expect() {
  local name=$1 code=$2 text=$3 got=0
  shift 3
  timeout 60 "$@" >"$seen" 2>&1 || got=$?
  if ((got != code)); then
    printf '(exit code %s instead of %s)\n' "$got" "$code" >>"$seen"
    failed "$name"
  fi
  grep -qF -- "$text" "$seen" || failed "$name: no \"$text\""
  ok "$name"
}

# until_line DESCRIPTOR TEXT: reads lines from there to the one with that text, and leaves them in $seen.
until_line() {
  local line
  : >"$seen"
  while IFS= read -rt 20 line <&"$1"; do
    printf '%s\n' "$line" >>"$seen"
    [[ $line != *"$2"* ]] || return 0
  done
  return 1
}

# serve ARGUMENT…: starts a server; sets server, url and port.
serve() {
  exec 3< <(exec "$bin/tserver" --no-access-log "$@" 2>&1)
  server=$!
  running[$server]=1
  until_line 3 'Listening on ' || failed 'tserver listens'
  url=$(sed -n 's/^Listening on //p' "$seen")
  port=${url##*:}
  port=${port%/status}
}

# halt: SIGTERM to that server, which has to end with exit code 0.
halt() {
  local got=0
  kill -TERM "$server"
  wait "$server" || got=$?
  unset "running[$server]"
  printf '(exit code %s)\n' "$got" >"$seen"
  ((got == 0)) || failed 'tserver ends by SIGTERM with exit code 0'
}

expect 'demo.sh shows the scenario' 0 'with the timestamp that the monitor saw' ./scripts/demo.sh 1

serve --port 0 --delay 60 --retry 100
exec 4< <(exec "$bin/tclient" monitor --url "$url" 2>&1)
monitor=$!
running[$monitor]=1
until_line 4 'Monitoring Update: Status: pending' || failed 'monitor tells pending'
kill -KILL "$server"
wait "$server" || unset "running[$server]"
until_line 4 'trying again in' || failed 'monitor tells that the server is gone'
serve --port "$port" --delay 1
until_line 4 "Server 'completed' Timestamp: " || failed 'monitor outlives a killed server'
completed=$(sed -n "s/^Server 'completed' Timestamp: //p" "$seen")
until_line 4 'Calculated Delay: ' || failed 'monitor tells the delay'
wait "$monitor" || failed 'monitor ends with exit code 0'
unset "running[$monitor]"
ok 'monitor outlives a server that is killed and started again on its port'
expect 'status is then the one that the monitor saw' 0 "Current Status: completed, Timestamp: $completed" \
  "$bin/tclient" status --url "$url"

expect 'port in use: 1' 1 "port $port on 127.0.0.1 is in use" "$bin/tserver" --port "$port"
expect 'unknown option: 64' 64 "Unknown option '--bogus'" "$bin/tserver" --bogus
expect 'a negative delay: 64' 64 '--delay has to be from 0 to 1000000000 seconds' "$bin/tserver" --delay -1
expect 'a delay that is no number: 64' 64 "The value 'abc' is invalid for '--delay" "$bin/tserver" --delay abc
expect 'a wrong port in the environment: 64' 64 'TSERVER_PORT has to be a port' env TSERVER_PORT=x "$bin/tserver"
expect 'a wrong path: 69' 69 'the server answered 404' "$bin/tclient" status --url "${url}x"
halt
ok 'tserver ends by SIGTERM with exit code 0'
expect 'nobody there: 69' 69 'Is the server running?' "$bin/tclient" status --url "$url"
expect 'nobody there for a monitor: 69' 69 'gave up after 1 attempt' "$bin/tclient" monitor --timeout 1 --url "$url"
expect 'a URL that is none: 64' 64 'the request is not valid' "$bin/tclient" status --url localhost:8000

serve --port 0 --delay 0.2 --fail 'no such language'
expect 'a translation that failed: 1' 1 'Processing ended: no such language' "$bin/tclient" monitor --url "$url"
halt

journal=$(mktemp)
serve --port 0 --delay 60 --retry 100 --journal "$journal"
first=$("$bin/tclient" submit de en --title Faust --quiet --url "$url")
second=$("$bin/tclient" submit de fr --simulate 1 --steps 3 --quiet --url "$url")
expect 'list shows what was submitted' 0 "$first" "$bin/tclient" list --url "$url"
exec 4< <(exec "$bin/tclient" monitor "$first" "$second" --url "$url" 2>&1)
monitor=$!
running[$monitor]=1
until_line 4 "Job: $second, Status: completed" || failed 'monitor follows one of many to its end'
expect 'publish prints the id of the status' 0 '-' "$bin/tclient" publish "$first" running --progress 0.5 --url "$url"
until_line 4 "Job: $first, Status: running" || failed 'monitor tells what a worker publishes'
kill -KILL "$server"
wait "$server" || unset "running[$server]"
until_line 4 'trying again in' || failed 'monitor tells that the server is gone'
serve --port "$port" --delay 60 --retry 100 --journal "$journal"
expect 'progress cannot go back, nor over a restart: 1' 1 'cannot go back to 0.25' \
  "$bin/tclient" publish "$first" running --progress 0.25 --url "$url"
expect 'the journal kept what was published' 0 '50 %' "$bin/tclient" list --url "$url"
expect 'what was published is completed' 0 '-' "$bin/tclient" publish "$first" completed --url "$url"
until_line 4 "Job: $first, Status: completed" || failed 'monitor of many outlives the server'
until_line 4 'Delay of ' || failed 'monitor tells the delays'
wait "$monitor" || failed 'monitor ends with exit code 0'
unset "running[$monitor]"
ok 'monitor of many outlives a server that is killed and started again on its port'
python=.build/python/bin/python3
if "$python" -c 'import prometheus_client' 2>/dev/null || { python3 -m venv .build/python && timeout 90 .build/python/bin/pip install -q prometheus-client; } &>"$seen"; then
  expect "Prometheus' own parser reads the metrics" 0 'metrics in' "$python" scripts/metrics.py "${url%/status}/metrics" \
    tserver_jobs tserver_subscribers tserver_connections tserver_subscriber_lag_events tserver_events_published \
    tserver_events_delivered tserver_events_conflated tserver_events_replayed tserver_resets tserver_stream_bytes \
    tserver_requests tserver_requests_rejected tserver_delivery_latency_seconds process_resident_memory_bytes
else
  ok 'prometheus-client cannot be had: left out'
fi
halt
rm -f "$journal"

if command -v curl >/dev/null; then
  serve --port 0 --delay 60
  exec 5< <(exec curl -sN "$url")
  reader=$!
  running[$reader]=1
  until_line 5 '"status":"pending"' || failed 'curl -N shows the first status while the stream is open'
  ok 'curl -N shows the first status while the stream is open'
  expect 'curl gets JSON by Accept' 0 '{"status":"pending","timestamp":' curl -s -H 'Accept: application/json' "$url"
  halt
  wait "$reader" || failed 'curl ends well with its server'
  unset "running[$reader]"
  serve --port 0 --delay 1 --steps 1
  expect 'curl ends with the stream' 0 '"status":"completed"' curl -sN "$url"
  halt
else
  ok 'curl is not installed: left out'
fi

# never_links PROGRAM LIBRARY: the program must not need that library.
never_links() {
  ldd "$bin/$1" >"$seen"
  ! grep -qF "$2" "$seen" || failed "$1 does without $2"
  ok "$1 does without $2"
}
never_links tserver libcurl
never_links tclient libmicrohttpd
never_links tserver libFoundation.so
never_links tclient libFoundation.so

# The scripts that complete command lines, where their shells are.
parses() {
  command -v "$2" >/dev/null || return 0
  local script
  script=$(mktemp)
  "$bin/$1" --generate-completion-script "$2" >"$script"
  "$2" -n "$script" >"$seen" 2>&1 || { rm -f "$script"; failed "$2 reads the completions of $1"; }
  rm -f "$script"
  ok "$2 reads the completions of $1"
}
for shell in bash zsh fish; do
  parses tclient "$shell"
  parses tserver "$shell"
done

printf 'smoke: all well\n'
