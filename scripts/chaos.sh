#!/usr/bin/env bash
# A worker, a thousand subscribers and at last the server are killed at random: in the end everybody has to know the
# final status of everything they follow, with nothing twice and nothing going back.
# ./scripts/chaos.sh [SEED]   another run each time by default; takes about a minute
set -euo pipefail
cd "$(dirname "$0")/.."
# Who may publish need not be said here.
export TSERVER_LOG_LEVEL=error

./scripts/bootstrap.sh
swift build --product tserver >&2
exec python3 scripts/chaos/chaos.py "$(swift build --show-bin-path)/tserver" "$@"
