#!/usr/bin/env bash
# How memory and CPU time grow with subscribers and with translations: a table, and a plot as SVG.
# ./scripts/bench-growth.sh [FILE.svg]   .build-bench/results/growth.svg by default; takes about two minutes
set -euo pipefail
cd "$(dirname "$0")/.."

./scripts/bootstrap.sh
export BENCH=1
for product in bench tserver tclient; do
  swift build -c release --product "$product" --scratch-path .build-bench >&2
done
mkdir -p .build-bench/results
exec python3 scripts/bench/driver/growth.py \
  "$(swift build -c release --scratch-path .build-bench --show-bin-path)" "${1:-.build-bench/results/growth.svg}"
