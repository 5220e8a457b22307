#!/usr/bin/env bash
# Kills the worker and the watchers of 200 translations 20 times at random, then the server, too; and checks what each
# of 1,000 subscribers was told. SEED=number repeats a run.
set -euo pipefail
cd "$(dirname "$0")/.."
./scripts/bootstrap.sh
swift build --product tserver >&2
server=$(swift build --show-bin-path)/tserver

python3 scripts/chaos/chaos.py "$server"
python3 scripts/chaos/chaos.py "$server" --server
