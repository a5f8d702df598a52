#!/usr/bin/env bash
# Builds the server into build/release/bin/skald; tools/packages.sh installs what is missing first.
#
#   tools/build.sh            the server and the command-line tool
#   tools/build.sh --tests    the tests and micro-benchmarks as well
#
# Runs from any folder, as root or through sudo; apt-get is called only when a package is missing.
# SKALD_WERROR=ON in the environment turns warnings into errors, as CI does; SKALD_HARDEN=OFF leaves
# out stack protectors and checked library calls (docs/security.md).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

progress() { echo "build: $*"; }

fail() {
  echo "build: $*" >&2
  exit 1
}

build_tests=OFF
case "${1:-}" in
  '') ;;
  --tests) build_tests=ON ;;
  *) fail "unknown option $1 (there is --tests)" ;;
esac

tools/packages.sh
progress "configuring"
cmake --preset release -DSKALD_BUILD_TESTS="$build_tests" -DSKALD_BUILD_BENCHMARKS="$build_tests" \
  -DSKALD_WERROR="${SKALD_WERROR:-OFF}" -DSKALD_HARDEN="${SKALD_HARDEN:-ON}"
progress "building"
cmake --build --preset release --parallel "$(nproc)"
[[ -x build/release/bin/skald ]] || fail "the build left no build/release/bin/skald"
progress "done: $PWD/build/release/bin/skald"
