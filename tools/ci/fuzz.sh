#!/usr/bin/env bash
# Builds the fuzz targets as asan.sh does, and lets libFuzzer run each for some seconds.
#
#   tools/ci/fuzz.sh [SECONDS [TARGET...]]     default: 10 seconds, every target
#
# What a target finds grows in build/fuzz/found/TARGET from run to run. An input that fails is left
# in build/fuzz/failed; once mended, it goes into tests/fuzz/corpus/TARGET. Needs clang-19 and its
# runtime library (tools/packages.sh --checks).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

export SECONDS_EACH=${1:-10}
shift || true
targets=("$@")
if [[ ${#targets[@]} -eq 0 ]]; then
  for source in tests/fuzz/*_fuzz.cc; do
    name=$(basename "$source")
    targets+=("${name%_fuzz.cc}")
  done
fi

# run TARGET: prints how it ended, and what it found.
run() {
  local target=$1 log=build/fuzz/$1.log status=0 seeds
  local folders=("build/fuzz/found/$target")
  for seeds in "tests/fuzz/corpus/$target" "build/fuzz/seeds/$target"; do
    [[ -d $seeds ]] && folders+=("$seeds")
  done
  mkdir -p "${folders[0]}"
  "build/asan/bin/fuzz_$target" -max_total_time="$SECONDS_EACH" -max_len=65536 \
    -rss_limit_mb=2048 -timeout=10 -artifact_prefix="build/fuzz/failed/$target-" \
    -print_final_stats=1 "${folders[@]}" >"$log" 2>&1 || status=1
  grep -E 'ERROR|runtime error|SUMMARY|stat::number_of_executed_units|Test unit written' "$log" |
    sed "s/^/$target: /"
  return "$status"
}
export -f run

export UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1
cmake --preset asan
cmake --build --preset asan --parallel "$(nproc)" --target fuzz_write_seeds "${targets[@]/#/fuzz_}"
build/asan/bin/fuzz_write_seeds build/fuzz/seeds
mkdir -p build/fuzz/failed
printf '%s\n' "${targets[@]}" | xargs -P "$(nproc)" -I{} bash -c 'run {}'
