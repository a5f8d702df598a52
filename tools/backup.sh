#!/usr/bin/env bash
# Takes a snapshot of a data directory, whether a server runs on it or not.
#
#   tools/backup.sh DATA_DIR SNAPSHOT    SNAPSHOT must not exist and lie on the same file system
#
# The server is paused (SIGSTOP) while its part files, which never change, are hard-linked and its
# log and manifest are copied: milliseconds to seconds, in which clients wait. The snapshot is what a
# server finds after `kill -9` at that moment; everything that was acknowledged is in it. Copy it
# elsewhere at leisure. To restore, stop the server, put a copy in DATA_DIR's place, start it.
set -euo pipefail

fail() {
  echo "backup: $*" >&2
  exit 1
}

[[ $# -eq 2 ]] || fail "usage: tools/backup.sh DATA_DIR SNAPSHOT"
readonly data=${1%/} snapshot=${2%/}
[[ -f $data/MANIFEST ]] || fail "$data is no data directory: it has no MANIFEST"
[[ ! -e $snapshot ]] || fail "$snapshot exists"

# The process that has DATA_DIR/LOCK open; nothing when there is none.
server_pid() {
  local descriptor
  for descriptor in /proc/[0-9]*/fd/*; do
    if [[ $descriptor -ef $data/LOCK ]]; then
      descriptor=${descriptor#/proc/}
      echo "${descriptor%%/*}"
      return
    fi
  done
}

# Every thread stands still; one that is writing finishes that first.
pause() {
  kill -STOP "$1"
  local task
  for task in /proc/"$1"/task/*/status; do
    until grep -q '^State:[[:space:]]*[TtXZ]' "$task" 2>/dev/null || [[ ! -e $task ]]; do
      sleep 0.01
    done
  done
}

mkdir -p "$snapshot/tenants"
pid=$(server_pid)
if [[ -n $pid ]]; then
  trap 'kill -CONT "$pid"' EXIT
  pause "$pid"
else
  echo "backup: no server runs on $data, or this user may not see it" >&2
fi
for entry in "$data"/*; do
  case ${entry##*/} in
    tenants) cp -a --link "$entry" "$snapshot/" ;;
    BALLAST) ;; # holds nothing, and is made again
    *) cp -a "$entry" "$snapshot/" ;;
  esac
done
if [[ -n $pid ]]; then kill -CONT "$pid"; fi
sync --file-system "$snapshot"
echo "backup: $snapshot"
