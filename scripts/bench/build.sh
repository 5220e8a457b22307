#!/usr/bin/env bash
# Builds products as scripts/install.sh does, and what measures them, and prints the directory where they are:
# ./scripts/bench/build.sh PRODUCT …
set -euo pipefail

export BENCH=1
exec "$(dirname "$0")/../release.sh" .build-bench "$@"
