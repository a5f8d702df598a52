#!/usr/bin/env bash
# Runs clang-tidy (.clang-tidy) with the lock annotations checked (-Wthread-safety).
#
#   tools/ci/tidy.sh [BASE]            the lines of sources that differ from BASE; default: the
#                                      commit before this one. After a large change only the files
#                                      that changed most, so that a check of each change stays short
#   tools/ci/tidy.sh --files FILE...   whole sources
#   tools/ci/tidy.sh --all             every source: an hour on two cores; what was clean and has not
#                                      changed is not checked again (tidy_files.py)
#
# Needs clang-19 and clang-tidy-19 (tools/packages.sh --checks).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

readonly most_files=20

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
  local changed
  mapfile -t changed < <(git diff --numstat --diff-filter=d "$1" -- '*.cc' | sort -nr | cut -f3)
  [[ ${#changed[@]} -gt 0 ]] || return 0
  if [[ ${#changed[@]} -gt $most_files ]]; then
    echo "tidy: ${#changed[@]} sources differ; the $most_files that differ most are checked"
  fi
  git diff --unified=0 "$1" -- "${changed[@]:0:most_files}" | clang-tidy-diff-19.py -p1 \
    -path build/clang -clang-tidy-binary clang-tidy-19 -j "$(nproc)" -quiet
}

prepare
case "${1:-}" in
  --all) git ls-files -z '*.cc' ':!tests/bench' | xargs -0 tools/ci/tidy_files.py build/clang ;;
  --files) shift && tools/ci/tidy_files.py build/clang "$@" ;;
  *) tidy_changes "${1:-HEAD~1}" ;;
esac
