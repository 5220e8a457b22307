#!/usr/bin/env bash
# What the client library costs over time: 10,000 open/cancel cycles, a stalled reader of 50 MB, 10,000 idle streams.
# How fast it is, beside others: ./scripts/bench.sh client
# ./scripts/bench-client.sh [cycles|stalled|idle|events …]   all of them by default
set -euo pipefail
cd "$(dirname "$0")/.."

./scripts/bootstrap.sh
bench=$(./scripts/bench/build.sh bench)/bench

coproc PEER { exec python3 scripts/bench/peer.py; }
read -r port <&"${PEER[0]}"
url=http://127.0.0.1:$port
trap 'kill "$PEER_PID" 2>/dev/null || true' EXIT

measurements=("$@")
((${#measurements[@]})) || measurements=(cycles stalled idle events)
for what in "${measurements[@]}"; do
  case $what in
    events) "$bench" events "$url/flood?bytes=500000000" ;;
    *) "$bench" "$what" "$url" ;;
  esac
done
