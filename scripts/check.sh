#!/usr/bin/env bash
# Everything that has to hold before a change is shared: format, no warning, tests, both sanitizers, the real binaries,
# the documentation.
# ./scripts/check.sh [format|build|test|thread|address|smoke|docs …]   all of them by default
set -euo pipefail
cd "$(dirname "$0")/.."

format() {
  swift format lint --strict --recursive --parallel Package.swift Sources Tests scripts/bench scripts/docs
}

# In this package a warning is an error already; here the compiler's own flag sees to the rest. The optimizer has
# warnings of its own.
build() {
  swift build --build-tests -Xswiftc -warnings-as-errors --scratch-path .build-strict
  swift build -c release --product tserver --scratch-path .build-release
  swift build -c release --product tclient --scratch-path .build-release
}

test() {
  swift test
}

sanitized() {
  # gold cannot export some of the sanitizer's symbols and says so; nothing needs them.
  # There are no XCTests, and its runner leaks a few bytes of its own.
  TEST_WIDTH=4 swift test --disable-xctest --sanitize="$1" --scratch-path ".build-$1" 2> >(grep -v 'Cannot export local symbol' >&2)
}
thread() { sanitized thread; }
address() { sanitized address; }

smoke() {
  ./scripts/smoke.sh
}

docs() {
  ./scripts/docs.sh
}

./scripts/bootstrap.sh
steps=("$@")
((${#steps[@]})) || steps=(format build test thread address smoke docs)
for step in "${steps[@]}"; do
  printf '\n== %s\n' "$step"
  "$step"
done
printf '\ncheck: %s: all well\n' "${steps[*]}"
