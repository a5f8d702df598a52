#!/usr/bin/env bash
# Installs the Debian packages that are missing; apt-get is called only if some are.
#
#   tools/packages.sh             what building and testing needs
#   tools/packages.sh --checks    and what the checks of the sources and the fuzzers need: clang
#
# Runs as root or through sudo.
set -euo pipefail

packages=(
  g++ cmake ninja-build pkg-config python3
  libabsl-dev libre2-dev libprotobuf-dev protobuf-compiler libboost1.81-dev
  libflatbuffers-dev flatbuffers-compiler libzstd-dev liblz4-dev libsnappy-dev zlib1g-dev
  libssl-dev libcurl4-openssl-dev libyaml-cpp-dev libsimdjson-dev libspdlog-dev libfmt-dev
  prometheus-cpp-dev libcli11-dev libroaring-dev libxxhash-dev
  libgtest-dev libgmock-dev libbenchmark-dev librapidcheck-dev strace openssl
  dpkg-dev python3-yaml python3-jsonschema
)
readonly check_packages=(clang-19 clang-tidy-19 libclang-rt-19-dev clang-format-14)

fail() {
  echo "packages: $*" >&2
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
    fail "missing are ${missing[*]}, and there is neither root nor sudo to install them"
  fi
}

case "${1:-}" in
  '') ;;
  --checks) packages+=("${check_packages[@]}") ;;
  *) fail "unknown option $1 (there is --checks)" ;;
esac

command -v dpkg-query >/dev/null || fail "this needs Debian 12 or a system with its packages"
missing=()
for package in "${packages[@]}"; do
  is_installed "$package" || missing+=("$package")
done
[[ ${#missing[@]} -gt 0 ]] || exit 0
echo "packages: installing ${missing[*]}"
as_root env DEBIAN_FRONTEND=noninteractive apt-get update -q
as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends \
  "${missing[@]}"
