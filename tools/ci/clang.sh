#!/usr/bin/env bash
# Compiles everything with clang, which checks the lock annotations. Needs clang-19.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

cmake --preset clang -DSKALD_WERROR=ON
cmake --build --preset clang --parallel "$(nproc)"
