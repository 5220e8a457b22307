#!/usr/bin/env bash
# Installs what is missing and runs the tests: ./scripts/test.sh [arguments of swift test]
set -euo pipefail
cd "$(dirname "$0")/.."

./scripts/bootstrap.sh
exec swift test "$@"
