#!/usr/bin/env bash
# Runs clang-tidy (.clang-tidy) with the lock annotations checked (-Wthread-safety).
#
#   tools/ci/tidy.sh [BASE]            the lines of sources that differ from BASE; default: the
#                                      commit before this one
#   tools/ci/tidy.sh --files FILE...   whole sources
#   tools/ci/tidy.sh --all             every source: hours on two cores
#
# Needs clang-19 and clang-tidy-19 (tools/packages.sh --checks).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

prepare() {
  cmake --preset clang >/dev/null
  # The one header that the build generates.
  flatc --cpp --scoped-enums -o build/clang/storage/part storage/part/part.fbs
}

tidy_changes() {
  if ! git rev-parse --quiet --verify "$1^{commit}" >/dev/null; then
    echo "tidy: there is no $1 to compare with; nothing checked"
    return 0
  fi
  git diff --unified=0 "$1" -- '*.cc' | clang-tidy-diff-19.py -p1 -path build/clang \
    -clang-tidy-binary clang-tidy-19 -j "$(nproc)" -quiet
}

tidy_files() {
  printf '%s\n' "$@" | xargs -n 2 -P "$(nproc)" clang-tidy-19 -p build/clang --quiet
}

prepare
case "${1:-}" in
  --all) mapfile -t sources < <(git ls-files '*.cc' ':!tests/bench') && tidy_files "${sources[@]}" ;;
  --files) shift && tidy_files "$@" ;;
  *) tidy_changes "${1:-HEAD~1}" ;;
esac
