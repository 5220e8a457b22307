#!/usr/bin/env bash
# How memory and CPU time grow with subscribers and with translations: a table, and a plot as SVG.
# ./scripts/bench-growth.sh [FILE.svg]   .build-bench/results/growth.svg by default; takes about four minutes
set -euo pipefail
cd "$(dirname "$0")/.."
# Who may publish need not be said here.
export TSERVER_LOG_LEVEL=error

./scripts/bootstrap.sh
bin=$(./scripts/bench/build.sh bench tserver tclient)
mkdir -p .build-bench/results
exec python3 scripts/bench/driver/growth.py "$bin" "${1:-.build-bench/results/growth.svg}"
