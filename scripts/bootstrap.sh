#!/usr/bin/env bash
# Installs what the build needs and the machine lacks: the headers of libcurl, libmicrohttpd and GnuTLS, and pkg-config;
# and python3, which the tests and other scripts need.
# Does nothing, and asks nothing, where they are already there.
set -euo pipefail

die() {
  printf 'bootstrap: %s\n' "$*" >&2
  exit 1
}

command -v swift >/dev/null || die "no Swift toolchain found. Install Swift 6.2 or later (https://www.swift.org/install/linux/) and put it on PATH."

version=$(swift --version 2>/dev/null | sed -nE 's/.*Swift version ([0-9]+)\.([0-9]+).*/\1 \2/p' | head -n 1)
read -r major minor <<<"${version:-0 0}"
if ((major < 6 || (major == 6 && minor < 2))); then
  die "Swift 6.2 or later is needed; this is $(swift --version 2>/dev/null | head -n 1)."
fi

missing=()
command -v pkg-config >/dev/null || missing+=(pkg-config)
pkg-config --exists 'libcurl >= 7.87' 2>/dev/null || missing+=(libcurl4-openssl-dev)
pkg-config --exists 'libmicrohttpd >= 0.9.75' 2>/dev/null || missing+=(libmicrohttpd-dev)
pkg-config --exists 'gnutls >= 3.7' 2>/dev/null || missing+=(libgnutls28-dev)
command -v python3 >/dev/null || missing+=(python3)
((${#missing[@]})) || exit 0

command -v apt-get >/dev/null || die "missing: ${missing[*]}. Install them with this system's package manager (no apt-get here)."

as_root=()
if ((EUID != 0)); then
  command -v sudo >/dev/null || die "missing: ${missing[*]}. Run as root, or install sudo: apt-get install ${missing[*]}"
  as_root=(sudo)
fi

printf 'bootstrap: installing %s\n' "${missing[*]}" >&2
log=$(mktemp)
trap 'rm -f "$log"' EXIT
apt() { "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get "$@"; }
# The package lists of a fresh machine are empty or old: refresh them first.
if ! { apt update && apt install -y --no-install-recommends "${missing[@]}"; } >"$log" 2>&1; then
  tail -n 20 "$log" >&2
  die "could not install ${missing[*]}. The last lines of apt-get are above."
fi
