#!/usr/bin/env bash
# Starts the server, building it first if it is not built or not up to date.
#
#   tools/run.sh [flag...]   listens on port 3100 with configs/local.yaml and keeps its data under
#                            ./data of the project; flags go to the server
#   tools/run.sh --demo      starts it on an empty temporary directory, feeds the log lines of
#                            tests/data/demo, prints the answers to two queries, stops it
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly server=build/release/bin/skald

if [[ -x $server ]]; then
  cmake --build --preset release --target skald -- --quiet
else
  tools/build.sh
fi
if [[ ${1:-} == --demo ]]; then
  shift
  exec python3 tools/demo.py --server "$server" --config configs/local.yaml "$@"
fi
exec "$server" -config.file=configs/local.yaml "$@"
