#!/usr/bin/env bash
# AddressSanitizer, LeakSanitizer and UndefinedBehaviorSanitizer: see sanitize.sh.
exec "$(dirname "${BASH_SOURCE[0]}")/sanitize.sh" asan "$@"
