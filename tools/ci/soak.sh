#!/usr/bin/env bash
# A steady load in 256 MiB of memory while everything else goes on (tests/e2e/soak_test.py).
#
#   tools/ci/soak.sh [SECONDS [soak_test.py argument...]]     default: 75 seconds
#
# Needs the release build with its tests' programs (tools/build.sh --tests).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

readonly seconds=${1:-75}
shift || true
exec python3 tests/e2e/soak_test.py build/release/bin/skald build/release/bin/skald-bench \
  --seconds "$seconds" "$@"
