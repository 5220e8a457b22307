#!/usr/bin/env bash
# What translations that are kept cost a server, and how fast it takes them and their updates.
# ./scripts/bench-jobs.sh [TRANSLATIONS]   100000 by default
set -euo pipefail
cd "$(dirname "$0")/.."
# Who may publish need not be said here.
export TSERVER_LOG_LEVEL=error

./scripts/bootstrap.sh
server=$(./scripts/bench/build.sh tserver)/tserver
python3 scripts/bench/jobs.py "$server" "${1:-100000}"
