#!/usr/bin/env bash
# ThreadSanitizer: see sanitize.sh.
exec "$(dirname "${BASH_SOURCE[0]}")/sanitize.sh" tsan "$@"
