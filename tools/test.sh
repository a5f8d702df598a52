#!/usr/bin/env bash
# Builds everything and runs the tests.
#
#   tools/test.sh [--real-clients] [ctest argument...]
#
# --real-clients builds and installs real clients first (tools/real_clients.sh, and
# tools/client_libraries.sh), so that the tests that drive the server with them run instead of being
# skipped; agents that cannot be built, without Go, are left out. The last line of the output is
# "<n> passed, <n> failed, <n> skipped".
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly build_dir=build/release
readonly results=$build_dir/test_results.xml

# Counts the lines of ctest's JUnit file that match.
results_with() { grep -c "$1" "$results" || true; }

# A test that could not be started is a failure, though the file calls it skipped.
print_summary() {
  local all passed skipped
  all=$(results_with '<testcase ')
  passed=$(results_with '<testcase .*status="run"')
  skipped=$(($(results_with '<testcase .*status="disabled"') +
    $(results_with '<skipped message="SKIP_')))
  echo "$passed passed, $((all - passed - skipped)) failed, $skipped skipped"
}

if [[ ${1:-} == --real-clients ]]; then
  shift
  clients=$(tools/real_clients.sh) || [[ $? -eq 3 ]]
  clients+=$'\n'$(tools/client_libraries.sh)
  set -a
  eval "$clients"
  set +a
fi

tools/build.sh --tests
rm -f "$results"
status=0
ctest --test-dir "$build_dir" --output-on-failure --parallel "$(nproc)" --timeout 300 \
  --no-tests=error --output-junit "$PWD/$results" "$@" || status=$?
if [[ ! -s $results ]]; then
  echo "test.sh: ctest wrote no results" >&2
  exit 1
fi
print_summary
exit "$status"
