#!/usr/bin/env bash
# Everything that is too slow for each change: before a large piece of work is called done.
# Every step runs; fails if any of them failed.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

status=0
step() {
  echo "== $*"
  "$@" || status=1
}

step .ci/run
step tools/ci/asan.sh
step tools/ci/tsan.sh
step tools/ci/tidy.sh --all
step tools/ci/fuzz.sh 60
step tools/ci/soak.sh 1200
step python3 tests/e2e/load_test.py build/release/bin/skald --full
step python3 tests/e2e/crash_test.py build/release/bin/skald --rounds 100
exit "$status"
