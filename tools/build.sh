#!/usr/bin/env bash
# Builds the server into build/release/bin/skald, installing the Debian packages that are missing.
#
#   tools/build.sh            the server and the command-line tool
#   tools/build.sh --tests    the tests as well
#
# Runs from any folder, as root or through sudo; apt-get is called only when a package is missing.
# SKALD_WERROR=ON in the environment turns warnings into errors, as CI does; SKALD_HARDEN=OFF leaves
# out stack protectors and checked library calls (docs/security.md).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly packages=(
  g++ cmake ninja-build pkg-config python3
  libabsl-dev libre2-dev libprotobuf-dev protobuf-compiler libboost1.81-dev
  libflatbuffers-dev flatbuffers-compiler libzstd-dev liblz4-dev libsnappy-dev zlib1g-dev
  libssl-dev libcurl4-openssl-dev libyaml-cpp-dev libsimdjson-dev libspdlog-dev libfmt-dev
  prometheus-cpp-dev libcli11-dev libroaring-dev libxxhash-dev
  libgtest-dev libgmock-dev libbenchmark-dev librapidcheck-dev strace openssl
  dpkg-dev python3-yaml python3-jsonschema
)

progress() { echo "build: $*"; }

fail() {
  echo "build: $*" >&2
  exit 1
}

is_installed() {
  [[ $(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null) == installed ]]
}

as_root() {
  if [[ $(id -u) -eq 0 ]]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    fail "packages are missing (${missing[*]}) and there is neither root nor sudo to install them"
  fi
}

install_missing_packages() {
  command -v dpkg-query >/dev/null || fail "this needs Debian 12 or a system with its packages"
  missing=()
  local package
  for package in "${packages[@]}"; do
    is_installed "$package" || missing+=("$package")
  done
  [[ ${#missing[@]} -gt 0 ]] || return 0
  progress "installing ${missing[*]}"
  as_root env DEBIAN_FRONTEND=noninteractive apt-get update -q
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends \
    "${missing[@]}"
}

build_tests=OFF
case "${1:-}" in
  '') ;;
  --tests) build_tests=ON ;;
  *) fail "unknown option $1 (there is --tests)" ;;
esac

install_missing_packages
progress "configuring"
cmake --preset release -DSKALD_BUILD_TESTS="$build_tests" -DSKALD_WERROR="${SKALD_WERROR:-OFF}" \
  -DSKALD_HARDEN="${SKALD_HARDEN:-ON}"
progress "building"
cmake --build --preset release --parallel "$(nproc)"
[[ -x build/release/bin/skald ]] || fail "the build left no build/release/bin/skald"
progress "done: $PWD/build/release/bin/skald"
