#!/usr/bin/env bash
# Installs what is missing, builds, and runs tserver: ./scripts/run-server.sh [--port N] [--delay SECONDS] …
set -euo pipefail
cd "$(dirname "$0")/.."

./scripts/bootstrap.sh
swift build --product tserver >&2
exec "$(swift build --show-bin-path)/tserver" "$@"
