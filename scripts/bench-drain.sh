#!/usr/bin/env bash
# How clients come back when a server is replaced: all at once, and in the spread that a drain gives them.
# ./scripts/bench-drain.sh [SUBSCRIBERS]   5000 by default
set -euo pipefail
cd "$(dirname "$0")/.."
# Who may publish need not be said here.
export TSERVER_LOG_LEVEL=error
subscribers=${1:-5000}

./scripts/bootstrap.sh
server=$(./scripts/bench/build.sh tserver)/tserver

python3 scripts/bench/drain.py "$server" "$subscribers" --drain-rate 0
python3 scripts/bench/drain.py "$server" "$subscribers"
python3 scripts/bench/drain.py "$server" "$subscribers" --drain-rate 500
