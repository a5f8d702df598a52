#!/usr/bin/env bash
# Copies the shared libraries that binaries need into a folder that is to be their root.
#
#   tools/package/collect_libraries.sh ROOT BINARY...
set -euo pipefail

readonly root=$1
shift

# Lines of ldd: `libz.so.1 => /lib/x86_64-linux-gnu/libz.so.1 (0x…)`, `/lib64/ld-linux… (0x…)`.
ldd "$@" | awk '$2 == "=>" { print $3 } $1 ~ /^\// && $2 ~ /^\(/ { print $1 }' | sort -u |
  while read -r library; do
    mkdir -p "$root$(dirname "$library")"
    cp -L --no-clobber "$library" "$root$library"
  done
