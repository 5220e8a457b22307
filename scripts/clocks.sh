#!/usr/bin/env bash
# Whether the delays that a client tells hold against servers whose clocks are ahead, behind, fast or slow (libfaketime).
# Takes some two minutes. Installs libfaketime when it is missing.
set -euo pipefail
cd "$(dirname "$0")/.."
# Who may publish need not be said here.
export TSERVER_LOG_LEVEL=error

./scripts/bootstrap.sh
if ! dpkg -s libfaketime >/dev/null 2>&1; then
  as_root=()
  ((EUID == 0)) || as_root=(sudo)
  printf 'clocks: installing libfaketime\n' >&2
  "${as_root[@]}" apt-get update -qq >&2
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -qq --no-install-recommends libfaketime >&2
fi
library=$(dpkg -L libfaketime | grep '/libfaketimeMT\.so\.1$')

for tool in tserver tclient; do swift build -c release --product $tool --scratch-path .build-release >&2; done
exec python3 scripts/clocks.py .build-release/release/tserver .build-release/release/tclient "$library"
