#!/usr/bin/env bash
# What subscribers who never read cost a server, and the subscribers who do: none of 1,000, and 100.
set -euo pipefail
cd "$(dirname "$0")/.."
# Who may publish need not be said here.
export TSERVER_LOG_LEVEL=error

./scripts/bootstrap.sh
server=$(./scripts/bench/build.sh tserver)/tserver

for stalled in 0 100 0 100; do python3 scripts/bench/slow.py "$server" 1000 "$stalled"; done
