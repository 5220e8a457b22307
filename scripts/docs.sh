#!/usr/bin/env bash
# Builds the documentation of all libraries as one archive, to be served by any web server. Fails on a warning (a link
# that leads nowhere), a public symbol without documentation, or a code block that does not compile.
# ./scripts/docs.sh [OUTPUT]   .build-docs/site by default; then: python3 -m http.server -d OUTPUT, /documentation
set -euo pipefail
cd "$(dirname "$0")/.."
work=.build-docs
output=${1:-$work/site}
# Nothing is taken away but an older archive.
if [[ -e $output && ! -e $output/metadata.json ]]; then
  printf 'docs: %s is there, and is no documentation\n' "$output" >&2
  exit 1
fi

# Those that others build on come first: links lead from the later ones to the earlier.
libraries=(EventStream EventStreamClient EventStreamServer TranslationAPI TranslationClient TranslationServer)

./scripts/bootstrap.sh
swift build >&2
modules=$(swift build --show-bin-path)/Modules
rm -rf "$work" "$output"
mkdir -p "$work/graphs"

# Where the modules, and the C libraries under them, are found.
found=(-I "$modules")
for module in Modules/*; do found+=(-I "$module"); done
toolchain=$(dirname "$(readlink -f "$(command -v swift)")")
target=$(swift -print-target-info | sed -nE 's/.*"unversionedTriple": "(.*)".*/\1/p')

printf '== symbols\n'
for library in "${libraries[@]}"; do
  mkdir "$work/graphs/$library"
  "$toolchain/swift-symbolgraph-extract" -module-name "$library" "${found[@]}" -target "$target" \
    -minimum-access-level public -skip-synthesized-members -output-dir "$work/graphs/$library"
done
python3 scripts/docs/undocumented.py "$work"/graphs/*/*.symbols.json

printf '== code blocks\n'
# A block may make something that it does not use: errors alone count.
python3 scripts/docs/blocks.py "$work/blocks" README.md Sources/*/*.docc/*.md
"$toolchain/swiftc" -typecheck -swift-version 6 -enable-upcoming-feature ExistentialAny -suppress-warnings \
  -module-name Blocks "${found[@]}" scripts/docs/Given.swift "$work"/blocks/*.swift

printf '== pages\n'
archives=()
dependencies=()
for library in "${libraries[@]}"; do
  "$toolchain/docc" convert "Sources/$library/$library.docc" --warnings-as-errors \
    --additional-symbol-graph-dir "$work/graphs/$library" --output-path "$work/$library.doccarchive" \
    --fallback-display-name "$library" --fallback-bundle-identifier "$library" \
    --enable-experimental-external-link-support "${dependencies[@]}"
  archives+=("$work/$library.doccarchive")
  dependencies+=(--dependency "$work/$library.doccarchive")
done
"$toolchain/docc" merge "${archives[@]}" --output-path "$output" \
  --synthesized-landing-page-name swift-status-stream --synthesized-landing-page-kind Package
printf '\ndocs: python3 -m http.server -d %q 8080, then http://127.0.0.1:8080/documentation\n' "$output"
