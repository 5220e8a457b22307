#!/usr/bin/env bash
# Has the units that scripts/install.sh installs serve under systemd: in a Debian of their own (debootstrap), booted in a
# container (systemd-nspawn), where the server is restarted, hangs and is killed (scripts/systemd/check.sh). As root;
# installs both programs when they are missing. ./scripts/units.sh
set -euo pipefail
cd "$(dirname "$0")/.."

((EUID == 0)) || {
  printf 'units: only root can boot a container\n' >&2
  exit 77
}
missing=()
command -v debootstrap >/dev/null || missing+=(debootstrap)
command -v systemd-nspawn >/dev/null || missing+=(systemd-container)
if ((${#missing[@]})); then
  printf 'units: installing %s\n' "${missing[*]}" >&2
  { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${missing[@]}"; } >/dev/null
fi

place=$(mktemp -d)
container=
end() {
  # The second one ends it as it is: nothing in it has to be kept.
  [[ -z $container ]] || { kill "$container" && kill "$container" && wait "$container"; } 2>/dev/null || true
  rm -rf --one-file-system "$place"
}
trap end EXIT

# The same release: it has the C libraries that the tools are linked to.
release=$(. /etc/os-release && printf %s "$VERSION_CODENAME")
printf 'units: unpacking %s\n' "$release" >&2
# From Debian 13 on the libraries' names end in t64, and debootstrap knows no package by what it provides.
[[ $release == bookworm ]] && t64= || t64=t64
packages=systemd,systemd-sysv,dbus,procps,curl,libcurl4$t64,libmicrohttpd12$t64,libgnutls30$t64
debootstrap --variant=minbase --include="$packages" "$release" "$place/root" >"$place/log" 2>&1 ||
  { tail "$place/log" >&2 && exit 1; }
DESTDIR=$place/root ./scripts/install.sh --prefix /usr/local
cp scripts/systemd/check.sh "$place/root/root/"
chroot "$place/root" systemctl enable tserver.socket 2>/dev/null

nspawn=(systemd-nspawn --directory="$place/root" --boot --private-network --console=pipe)
# Where no systemd runs there is none to tell of the container.
[[ -d /run/systemd/system ]] || nspawn+=(--register=no --keep-unit)
"${nspawn[@]}" </dev/null >"$place/console" 2>&1 &
container=$!
init=
for ((try = 0; try < 100; try++)); do
  kill -0 "$container" || { tail "$place/console" >&2 && exit 1; }
  init=$(pgrep --parent "$container" || true)
  if [[ -n $init ]] && nsenter --target "$init" --all test -S /run/systemd/private 2>/dev/null; then break; fi
  sleep 0.1
done
nsenter --target "$init" --all --wdns=/ bash /root/check.sh
