#!/usr/bin/env bash
# Builds everything and runs the tests.
#
#   tools/test.sh [--real-clients] [ctest argument...]
#
# --real-clients builds real clients first (tools/real_clients.sh), so that the tests that drive
# the server with them run instead of being skipped. The last line of the output is
# "<n> passed, <n> failed, <n> skipped".
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly build_dir=build/release
readonly results=$build_dir/test_results.xml

# Prints one number of the suite line of ctest's JUnit file.
result() { sed -n "/<testsuite/,/>/s/.*[[:space:]]$1=\"\([0-9]*\)\".*/\1/p" "$results" | head -n 1; }

print_summary() {
  local tests failed skipped
  tests=$(result tests)
  failed=$(result failures)
  skipped=$(($(result skipped) + $(result disabled)))
  echo "$((tests - failed - skipped)) passed, $failed failed, $skipped skipped"
}

if [[ ${1:-} == --real-clients ]]; then
  shift
  clients=$(tools/real_clients.sh)
  set -a
  eval "$clients"
  set +a
fi

tools/build.sh --tests
rm -f "$results"
status=0
ctest --test-dir "$build_dir" --output-on-failure --parallel "$(nproc)" --timeout 300 \
  --output-junit "$PWD/$results" "$@" || status=$?
if [[ ! -s $results ]]; then
  echo "test.sh: ctest wrote no results" >&2
  exit 1
fi
print_summary
exit "$status"
