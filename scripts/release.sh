#!/usr/bin/env bash
# Builds products that run without a toolchain, and prints the directory where they are:
# ./scripts/release.sh SCRATCH-DIR PRODUCT …
set -euo pipefail
cd "$(dirname "$0")/.."

scratch=$1
shift

# Swift's libraries are in them, and what those are made of: loading libstdc++ is a tenth of what a short command does.
# The linker takes an archive where it finds nothing else.
archive=$(clang -print-file-name=libstdc++.a)
mkdir -p "$scratch/archives"
[[ $archive != /* ]] || ln -sf "$archive" "$scratch/archives/"
build=(swift build -c release --scratch-path "$scratch" --static-swift-stdlib
  -Xswiftc "-L$PWD/$scratch/archives" -Xswiftc -Xclang-linker -Xswiftc -static-libgcc)
# What an event goes through lies side by side, not all over the libraries: a server that sleeps between events finds little
# of it in the caches, and each page costs a walk. An event to one of many takes nine tenths of the time (bench-cold.sh),
# and tclient status, all of which is a start, 0.96.
# The file that says so is an argument and no input: another name for another content has the products linked anew.
order=$scratch/order-$(cksum <scripts/release/order | cut -d ' ' -f 1)
rm -f "$scratch"/order-*
cp scripts/release/order "$order"
build+=(-Xswiftc -Xfrontend -Xswiftc -function-sections -Xswiftc -use-ld=lld
  -Xlinker "--symbol-ordering-file=$PWD/$order" -Xlinker --no-warn-symbol-ordering)
for product in "$@"; do "${build[@]}" --product "$product" >&2; done
"${build[@]}" --show-bin-path
