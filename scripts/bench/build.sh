#!/usr/bin/env bash
# Builds products as scripts/install.sh does, and what measures them, and prints the directory where they are:
# ./scripts/bench/build.sh PRODUCT …
set -euo pipefail
cd "$(dirname "$0")/../.."

export BENCH=1
built=$(./scripts/release.sh .build-bench "$@")
# As they are once installed: what the linker has just written lies in the page cache page by page, a copy of it in larger
# pieces, and a short command takes 0.96 of the time.
bin=.build-bench/bin
mkdir -p $bin
for product in "$@"; do cp --remove-destination "$built/$product" $bin/; done
printf '%s\n' "$PWD/$bin"
