#!/usr/bin/env bash
# Builds with sanitizers and runs the unit, LogQL and end-to-end tests under them.
#
#   tools/ci/sanitize.sh asan|tsan [ctest argument...]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

case "${1:-}" in
  asan | tsan) preset=$1 ;;
  *)
    echo "usage: tools/ci/sanitize.sh asan|tsan [ctest argument...]" >&2
    exit 2
    ;;
esac
shift

# Tests that look at the program itself, trace it, measure, or start other programs beside it.
readonly left_out='^e2e\.(bench|client_libraries|demo|durability_strace|hardening|real_clients)$'

export ASAN_OPTIONS=detect_stack_use_after_return=1:strict_string_checks=1
export UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1
export TSAN_OPTIONS=halt_on_error=1
# Of the operations on files that EngineFaultTest has fail, every seventh.
export SKALD_FAULT_STRIDE=7

cmake --preset "$preset"
cmake --build --preset "$preset" --parallel "$(nproc)"
ctest --test-dir "build/$preset" --output-on-failure --parallel "$(nproc)" --timeout 300 \
  --label-regex 'unit|logql|e2e' --exclude-regex "$left_out" "$@"
