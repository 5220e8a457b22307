#!/usr/bin/env bash
# Builds products as scripts/install.sh does, with Swift's libraries in them, and prints the directory where they are:
# ./scripts/bench/build.sh PRODUCT …
set -euo pipefail
cd "$(dirname "$0")/../.."

export BENCH=1
build=(swift build -c release --scratch-path .build-bench --static-swift-stdlib)
for product in "$@"; do "${build[@]}" --product "$product" >&2; done
"${build[@]}" --show-bin-path
