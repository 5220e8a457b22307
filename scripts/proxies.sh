#!/usr/bin/env bash
# Whether the configurations of nginx and Caddy in the guide "Run behind a proxy" do what it says: tserver behind each,
# events as quick as without, Last-Event-ID, a burst, silence, a proxy that is restarted. Installs what is missing.
# ./scripts/proxies.sh [nginx|caddy …]   both by default
set -euo pipefail
cd "$(dirname "$0")/.."
proxies=("$@")
((${#proxies[@]})) || proxies=(nginx caddy)

# nginx is in a directory that only root has on its path.
PATH=$PATH:/usr/sbin
missing=()
for proxy in "${proxies[@]}"; do command -v "$proxy" >/dev/null || missing+=("$proxy"); done
if ((${#missing[@]})); then
  as_root=()
  if ((EUID != 0)); then as_root=(sudo); fi
  printf 'proxies: installing %s\n' "${missing[*]}" >&2
  "${as_root[@]}" apt-get update -qq >&2
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -qq --no-install-recommends "${missing[@]}" >&2
fi

./scripts/bootstrap.sh
swift build --product tserver >&2
swift build --product tclient >&2
binaries=$(swift build --show-bin-path)

place=$(mktemp -d)
running=()
trap '{ kill "${running[@]}" && wait; } 2>/dev/null || true; rm -rf "$place"' EXIT

(umask 077; head -c 24 /dev/urandom | base64 | tr '+/' '-_' >"$place/token")
exec 3< <(exec "$binaries/tserver" --port 0 --heartbeat 1 --no-access-log --admin-token-file "$place/token")
running+=($!)
IFS= read -rt 20 line <&3
port=${line##*:}
port=${port%/status}

for proxy in "${proxies[@]}"; do
  python3 scripts/proxies/check.py "$proxy" "$port" "$place" "$binaries/tclient"
done
kill -0 "${running[0]}"
