#!/usr/bin/env bash
# Builds the fuzz targets with clang, AddressSanitizer and libFuzzer, and runs each for some seconds.
#
#   tools/ci/fuzz.sh [SECONDS [TARGET...]]     default: 10 seconds, every target
#
# What a target finds grows in build/fuzz/found/TARGET from run to run. An input that fails is left
# in build/fuzz/failed; once mended, it goes into tests/fuzz/corpus/TARGET. Needs clang-19 and its
# runtime library.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

readonly seconds=${1:-10}
shift || true
targets=("$@")
if [[ ${#targets[@]} -eq 0 ]]; then
  for source in tests/fuzz/*_fuzz.cc; do
    name=$(basename "$source")
    targets+=("${name%_fuzz.cc}")
  done
fi

cmake --preset fuzz
cmake --build --preset fuzz --parallel "$(nproc)" --target fuzz_write_seeds "${targets[@]/#/fuzz_}"
build/fuzz/bin/fuzz_write_seeds build/fuzz/seeds
mkdir -p build/fuzz/failed

status=0
for target in "${targets[@]}"; do
  found=build/fuzz/found/$target
  folders=("$found")
  for seeds in "tests/fuzz/corpus/$target" "build/fuzz/seeds/$target"; do
    [[ -d $seeds ]] && folders+=("$seeds")
  done
  mkdir -p "$found"
  echo "== $target"
  "build/fuzz/bin/fuzz_$target" -max_total_time="$seconds" -max_len=65536 -rss_limit_mb=2048 \
    -timeout=10 -artifact_prefix="build/fuzz/failed/$target-" -print_final_stats=1 \
    "${folders[@]}" >"build/fuzz/$target.log" 2>&1 || status=1
  grep -E 'ERROR|SUMMARY|stat::number_of_executed_units|Test unit written' \
    "build/fuzz/$target.log" || true
done
exit "$status"
