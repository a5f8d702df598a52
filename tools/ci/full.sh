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
step tools/ci/sanitize.sh asan
step tools/ci/sanitize.sh tsan
if command -v clang++-19 >/dev/null; then
  step tools/ci/clang.sh
  step tools/ci/fuzz.sh 60
else
  echo "== clang-19 is not installed: the lock annotations are not checked, nothing is fuzzed"
fi
step python3 tests/e2e/crash_test.py build/release/bin/skald --rounds 100
exit "$status"
