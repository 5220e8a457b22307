#!/usr/bin/env bash
# What parser, client and server cost, beside others that do the same, in one run that takes turns: a table with the
# target beside each figure. Installs the others when they are missing: from Debian, and from PyPI into .build-bench.
# ./scripts/bench.sh [--quick] [parser|client|server|all …]   all by default, about 14 minutes; --quick: 3
set -euo pipefail
cd "$(dirname "$0")/.."
# Who may publish need not be said here.
export TSERVER_LOG_LEVEL=error

for argument in "$@"; do
  case $argument in
    --quick | parser | client | server | all) ;;
    *)
      printf 'usage: %s [--quick] [parser|client|server|all …]\n' "$0" >&2
      exit 64 ;;
  esac
done

./scripts/bootstrap.sh

missing=()
command -v cc >/dev/null || command -v clang >/dev/null || missing+=(gcc libc6-dev)
command -v curl >/dev/null || missing+=(curl)
command -v go >/dev/null || missing+=(golang-go)
command -v node >/dev/null || missing+=(nodejs)
command -v nginx >/dev/null || missing+=(nginx-light)
compgen -G '/usr/*/nginx/modules/ngx_nchan_module.so' >/dev/null || missing+=(libnginx-mod-nchan)
python3 -c 'import ensurepip' 2>/dev/null || missing+=(python3-venv)
if ((${#missing[@]})) && command -v apt-get >/dev/null; then
  printf 'bench: installing %s\n' "${missing[*]}" >&2
  as_root=()
  ((EUID == 0)) || as_root=(sudo)
  apt() { "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq "$@" >/dev/null; }
  # Without one of them the rest can still be measured.
  { apt update && apt install -y --no-install-recommends "${missing[@]}"; } || printf 'bench: that failed\n' >&2
fi

bin=$(./scripts/bench/build.sh bench tserver tclient)
exec python3 scripts/bench/driver/run.py "$bin" .build-bench/results "$@"
