#!/usr/bin/env bash
# Builds tserver and tclient and installs them with completions, man pages and systemd units, all below one directory:
# ./scripts/install.sh [--prefix DIR] [--uninstall]. /usr/local by default; DESTDIR goes before it, for packages.
set -euo pipefail
cd "$(dirname "$0")/.."

prefix=/usr/local
uninstalls=false
usage() {
  printf 'usage: scripts/install.sh [--prefix DIR] [--uninstall]\n' >&2
  exit 64
}
while (($#)); do
  case $1 in
    --prefix)
      (($# > 1)) || usage
      prefix=$2
      shift
      ;;
    --prefix=*) prefix=${1#*=} ;;
    --uninstall) uninstalls=true ;;
    *) usage ;;
  esac
  shift
done
# The unit names the binary by this path, which systemd wants from the root on.
[[ $prefix == /* ]] || prefix=$(realpath -m -- "${OLDPWD:-$PWD}/$prefix")
root=${DESTDIR:-}$prefix
tools=(tserver tclient)
units=lib/systemd/system

# Where each file goes, below the prefix.
files=()
for tool in "${tools[@]}"; do
  files+=("bin/$tool" "share/man/man1/$tool.1" "share/bash-completion/completions/$tool"
    "share/zsh/site-functions/_$tool" "share/fish/vendor_completions.d/$tool.fish")
done
files+=("$units/tserver.service" "$units/tserver.socket")

if $uninstalls; then
  for file in "${files[@]}"; do rm -f -- "$root/$file"; done
  printf 'removed from %s\n' "$root" >&2
  exit
fi

# systemd would read another path from the unit.
[[ $prefix != *[[:space:]%]* ]] || {
  printf 'install: the prefix may have no white space and no %%: %s\n' "$prefix" >&2
  exit 64
}

./scripts/bootstrap.sh
scratch=.build-install
# Before the build: the plugin links the tools in its own way.
swift package --scratch-path $scratch plugin generate-manual >&2
bin=$(./scripts/release.sh $scratch "${tools[@]}")

# put MODE FILE: standard input becomes that file, in place of one that may be running.
put() {
  local file=$root/$2 new
  mkdir -p -- "${file%/*}"
  new=$(mktemp -- "$file.XXXXXX")
  cat >"$new"
  chmod "$1" -- "$new"
  mv -f -- "$new" "$file"
}
for tool in "${tools[@]}"; do
  put 755 "bin/$tool" <"$bin/$tool"
  # mdoc(7) has .Pp for an empty line.
  # Not every locale has the ellipsis.
  sed 's/^$/.Pp/; s/…/.../g' "$scratch/plugins/GenerateManual/outputs/$tool/$tool.1" | put 644 "share/man/man1/$tool.1"
  "$bin/$tool" --generate-completion-script bash | put 644 "share/bash-completion/completions/$tool"
  "$bin/$tool" --generate-completion-script zsh | put 644 "share/zsh/site-functions/_$tool"
  "$bin/$tool" --generate-completion-script fish | put 644 "share/fish/vendor_completions.d/$tool.fish"
done
unit=$(<scripts/systemd/tserver.service)
# In quotes, for else bash 5.2 puts what it has found in place of a & of the prefix.
printf '%s\n' "${unit//@PREFIX@/"$prefix"}" | put 644 $units/tserver.service
put 644 $units/tserver.socket <scripts/systemd/tserver.socket

printf 'installed below %s\n' "$root" >&2
