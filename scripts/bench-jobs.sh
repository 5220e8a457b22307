#!/usr/bin/env bash
# What translations that are kept cost a server, and how fast it takes them and their updates.
# ./scripts/bench-jobs.sh [TRANSLATIONS]   100000 by default
set -euo pipefail
cd "$(dirname "$0")/.."

./scripts/bootstrap.sh
export BENCH=1
swift build -c release --product tserver --scratch-path .build-bench >&2
python3 scripts/bench/jobs.py "$(swift build -c release --scratch-path .build-bench --show-bin-path)/tserver" "${1:-100000}"
