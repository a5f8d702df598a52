#!/usr/bin/env bash
# Makes the content of the container image from a build: what `FROM scratch` starts with.
#
#   tools/package/image_root.sh BUILD_FOLDER ROOT      ROOT must not exist, or be empty
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

readonly build=$1 root=$2
readonly user=10001 # as in Loki's image, so that a volume of Loki's stays writable

mkdir -p "$root"
[[ -z $(ls -A "$root") ]] || { echo "image_root: $root is not empty" >&2; exit 1; }

DESTDIR=$root cmake --install "$build" --prefix /usr --strip >/dev/null
rm -rf "$root/usr/share/doc"
ln -s skald "$root/usr/bin/loki" # for stacks that name Loki's binary
tools/package/collect_libraries.sh "$root" "$root/usr/bin/skald" "$root/usr/bin/skaldcli"

chmod 755 "$root"
mkdir -p "$root/etc/loki" "$root/etc/ssl/certs" "$root/loki" "$root/tmp"
cp configs/image/local-config.yaml "$root/etc/loki/"
if [[ -f /etc/ssl/certs/ca-certificates.crt ]]; then
  cp /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"
fi
echo "loki:x:$user:$user::/loki:/sbin/nologin" >"$root/etc/passwd"
echo "loki:x:$user:" >"$root/etc/group"
chmod 1777 "$root/tmp"
if [[ $(id -u) -eq 0 ]]; then chown "$user:$user" "$root/loki"; fi
