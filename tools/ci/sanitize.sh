#!/usr/bin/env bash
# Builds everything with sanitizers and runs the unit, LogQL and end-to-end tests under them. The
# compiler is clang, which checks the lock annotations too; its warnings are errors.
#
#   tools/ci/sanitize.sh asan|tsan [ctest argument...]
#   tools/ci/sanitize.sh asan|tsan --target NAME [--target NAME]...
#
# With --target only these GoogleTest programs are built and run. Needs clang-19 and its runtime
# library (tools/packages.sh --checks).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

usage() {
  echo "usage: tools/ci/sanitize.sh asan|tsan [--target NAME]... | [ctest argument...]" >&2
  exit 2
}

case "${1:-}" in
  asan | tsan) preset=$1 ;;
  *) usage ;;
esac
shift
targets=()
while [[ ${1:-} == --target ]]; do
  targets+=("${2:-}")
  shift 2 || usage
done

[[ ${#targets[@]} -eq 0 || $# -eq 0 ]] || usage

# Tests that look at the program itself, install it, trace it, measure, or start other programs
# beside it.
readonly left_out='^(e2e\.(bench|client_libraries|demo|durability_strace|hardening|real_clients)|package\..*)$'

export ASAN_OPTIONS=detect_stack_use_after_return=1:strict_string_checks=1
export UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1
export TSAN_OPTIONS=halt_on_error=1:suppressions=$PWD/tools/ci/tsan.supp
# What the server's memory is compared with does not hold.
export SKALD_SANITIZED=1
# Of the operations on files that tests have fail in turn, every seventh.
export SKALD_FAULT_STRIDE=7

cmake --preset "$preset"
cmake --build --preset "$preset" --parallel "$(nproc)" ${targets[@]:+--target "${targets[@]}"}
if [[ ${#targets[@]} -gt 0 ]]; then
  printf "build/$preset/bin/%s\n" "${targets[@]}" |
    xargs -P "$(nproc)" -I{} timeout 900 {} --gtest_brief=1
  exit
fi
ctest --test-dir "build/$preset" --output-on-failure --parallel "$(nproc)" --timeout 900 \
  --no-tests=error --label-regex 'unit|logql|e2e' --exclude-regex "$left_out" "$@"
