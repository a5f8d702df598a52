#!/usr/bin/env bash
# Builds the real logcli and Promtail once, for the tests that drive the server with them.
#
# They are built from their Go modules into a cache outside the tree and used as black boxes only.
# A second call finds them there and builds nothing. Progress goes to standard error; standard
# output holds two lines that a shell can evaluate:
#
#   SKALD_LOGCLI=<path>
#   SKALD_PROMTAIL=<path>
#
# Exit codes: 0 both are there; 3 no Go toolchain; 1 a build failed.
set -euo pipefail

readonly module=github.com/grafana/loki/v3
readonly nested_module=github.com/grafana/loki/pkg/push
readonly cache=${XDG_CACHE_HOME:-$HOME/.cache}/skald-real-clients
# Newest first; the first version that the module mirror serves and the checksum database knows wins.
readonly logcli_versions=(v3.7.6 v3.7.5 v3.7.4 v3.7.3 v3.7.2 v3.7.1 v3.7.0)
readonly promtail_versions=(v3.6.4 v3.6.3 v3.6.2 v3.6.0)

progress() { echo "real_clients: $*" >&2; }

# Prints the path of a binary that an earlier call built, if there is one.
find_built() {
  local name=$1 version
  shift
  for version in "$@"; do
    if [[ -x $cache/$version/$name ]]; then
      echo "$cache/$version/$name"
      return 0
    fi
  done
  return 1
}

# Prints the folder of the module's sources; fails when this version cannot be had.
download() {
  local json
  json=$(cd / && GOFLAGS=-mod=mod go mod download -json "$module@$1" 2>/dev/null) || return 1
  sed -n 's/^[[:space:]]*"Dir": "\(.*\)",\{0,1\}$/\1/p' <<<"$json"
}

# build <name> <package> <version>: the module's archive leaves out the nested module that its
# go.mod replaces by a folder, so a copy of go.mod without that line stands in for it.
build() {
  local name=$1 package=$2 version=$3 source scratch
  progress "$name $version: fetching sources"
  source=$(download "$version") && [[ -n $source ]] || return 1
  [[ -d $source/$package ]] || { progress "$name $version: no $package there"; return 1; }
  scratch=$(mktemp -d)
  cp "$source/go.mod" "$source/go.sum" "$scratch/"
  chmod u+w "$scratch"/*
  go mod edit -dropreplace="$nested_module" "$scratch/go.mod"
  mkdir -p "$cache/$version"
  progress "$name $version: building (some minutes the first time)"
  if (cd "$source" && CGO_ENABLED=0 GOFLAGS=-buildvcs=false nice -n 10 go build -mod=mod \
      -modfile="$scratch/go.mod" -o "$scratch/$name" "./$package" >&2); then
    mv "$scratch/$name" "$cache/$version/$name"
    rm -rf "$scratch"
    return 0
  fi
  rm -rf "$scratch"
  return 1
}

# provide <name> <package> <version>...: prints the path of the binary, building it if needed.
provide() {
  local name=$1 package=$2 version
  shift 2
  find_built "$name" "$@" && return 0
  if ! command -v go >/dev/null; then
    progress "$name is not in $cache and no Go toolchain is installed to build it"
    exit 3
  fi
  for version in "$@"; do
    if build "$name" "$package" "$version"; then
      find_built "$name" "$version"
      return 0
    fi
    progress "$name $version: not available"
  done
  progress "$name: no version could be built"
  exit 1
}

logcli=$(provide logcli cmd/logcli "${logcli_versions[@]}")
promtail=$(provide promtail clients/cmd/promtail "${promtail_versions[@]}")
progress "logcli: $logcli"
progress "promtail: $promtail"
printf 'SKALD_LOGCLI=%q\nSKALD_PROMTAIL=%q\n' "$logcli" "$promtail"
