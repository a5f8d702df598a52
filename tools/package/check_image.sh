#!/usr/bin/env bash
# Checks the container image as far as that goes without a Docker daemon: the Dockerfile's rules,
# then its content, made in an empty folder, whose server is started there by chroot as the image's
# user, asked for its health by its own -health, fed and queried by its own skaldcli.
#
#   tools/package/check_image.sh BUILD_FOLDER      needs root; exit code 77: not root, not checked
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

readonly build=$1 dockerfile=configs/image/Dockerfile
readonly port=$((20000 + RANDOM % 10000))

fail() {
  echo "check_image: $*" >&2
  exit 1
}

check_dockerfile() {
  local last
  last=$(sed -n '/^FROM scratch/,$p' "$dockerfile")
  [[ $(grep -c '^FROM ' "$dockerfile") -eq 2 ]] || fail "two stages: one builds, one is shipped"
  grep -q '^USER [1-9]' <<<"$last" || fail "the image must not run as root"
  grep -q '^HEALTHCHECK .*"-health"' <<<"$last" || fail "no health check through -health"
  grep -q '^ENTRYPOINT \[' <<<"$last" || fail "the entry point must be a list: there is no shell"
  ! grep -qE '^FROM [^ ]+:latest' "$dockerfile" || fail "a base image without a version"
  ! grep -qE '^(RUN|ADD)' <<<"$last" || fail "the shipped stage only copies"
}

in_image() { chroot --userspec=10001:10001 "$root" "$@"; }

check_dockerfile
if [[ $(id -u) -ne 0 ]]; then
  echo "check_image: the Dockerfile is well; its content is not checked without root"
  exit 77
fi

root=$(mktemp -d)
server=
cleanup() {
  [[ -z $server ]] || kill "$server" 2>/dev/null || true
  wait
  rm -rf "$root"
}
trap cleanup EXIT
tools/package/image_root.sh "$build" "$root"
mkdir -p "$root/proc" # the container runtime mounts it; here it stays empty

[[ -z $(find "$root" -perm /6000) ]] || fail "setuid files in the image"
[[ ! -e $root/bin/sh ]] || fail "a shell in the image"
in_image /usr/bin/skald -version
in_image /usr/bin/skald -config.file=/etc/loki/local-config.yaml -verify-config
chroot --userspec=10001:10001 "$root" /usr/bin/loki -config.file=/etc/loki/local-config.yaml \
  -server.http-listen-address=127.0.0.1 -server.http-listen-port=$port &
server=$!

url=http://127.0.0.1:$port
for _ in $(seq 300); do
  in_image /usr/bin/skald -health -health.url="$url/ready" >/dev/null 2>&1 && break
  kill -0 "$server" 2>/dev/null || fail "the server ended"
  sleep 0.1
done
in_image /usr/bin/skald -health -health.url="$url/ready" || fail "the server is not healthy"
in_image /usr/bin/skaldcli --addr="$url" -q labels >/dev/null || fail "the tool does not work"
kill "$server"
wait "$server" || fail "the server did not end well"
server=
echo "check_image: runs from an empty root of $(du -sm "$root" | cut -f1) MB"
