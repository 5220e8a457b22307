#!/usr/bin/env bash
# What a publication takes a hub that has slept: its caches and what it knew of its branches are driven out before each. Tells
# differences of one percent, which bench.sh cannot: between ours, what there must be, nchan, and other builds of the bench.
# ./scripts/bench-cold.sh [BENCH …]   BENCH: of before a change, say; takes a minute
set -euo pipefail
cd "$(dirname "$0")/.."

./scripts/bootstrap.sh
bin=$(./scripts/bench/build.sh bench)
exec python3 scripts/bench/driver/cold.py "$bin/bench" "$@"
