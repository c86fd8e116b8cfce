#!/usr/bin/env bash
# Sets up and tests a clone in a Debian that has only python3, make and git: as a user who may install nothing, and as root.
#   tests/bare-debian.sh [setup|test]     how far to go, test unless said
# Needs root and debootstrap. From the environment: BARE_SUITE (bookworm), BARE_MIRROR (that of this machine's apt),
# BARE_ROOT (a folder to keep the Debian in between runs; otherwise one that is removed), and what pip reads
# (PIP_INDEX_URL, PIP_CERT, npm_config_registry, npm_config_cafile, proxies …). This machine's apt sources, resolver and certificates are lent to the Debian.
set -euo pipefail
cd "$(dirname "$0")/.."

goal=${1:-test}
suite=${BARE_SUITE:-bookworm}
mirror=${BARE_MIRROR:-$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' | head -n 1)}
bare=${BARE_ROOT:-$(mktemp -d)}
lent=(PIP_INDEX_URL PIP_CERT PIP_DEFAULT_TIMEOUT SSL_CERT_FILE http_proxy https_proxy no_proxy HTTP_PROXY HTTPS_PROXY NO_PROXY
  npm_config_registry npm_config_cafile NODE_EXTRA_CA_CERTS)

[ "$(id -u)" -eq 0 ] || { echo "bare-debian: needs root (chroot, debootstrap)" >&2; exit 2; }
command -v debootstrap >/dev/null || { echo "bare-debian: apt-get install debootstrap" >&2; exit 2; }

leave() {
  for place in dev/shm dev/pts dev proc; do umount -q "$bare/$place" || umount -q --lazy "$bare/$place" || true; done
  [ -n "${BARE_ROOT:-}" ] || rm -rf --one-file-system "$bare"
}
trap leave EXIT

build() {
  echo "== a bare $suite in $bare (about a minute)"
  debootstrap --variant=minbase --include=python3,make,git,ca-certificates "$suite" "$bare" "$mirror" >/dev/null
  cp -a /etc/apt/sources.list* /etc/apt/apt.conf.d /etc/apt/trusted.gpg.d "$bare/etc/apt/"
  mkdir -p "$bare/usr/share/keyrings"
  cp -an /usr/share/keyrings/. "$bare/usr/share/keyrings/"
  chroot "$bare" useradd --create-home visitor
}

lend() {
  for place in resolv.conf hosts; do cp -L "/etc/$place" "$bare/etc/$place"; done
  cp -L /etc/ssl/certs/ca-certificates.crt "$bare/etc/ssl/certs/ca-certificates.crt"
  mount -t proc proc "$bare/proc"
  mount --bind /dev "$bare/dev"
  mount -t devpts devpts "$bare/dev/pts"
  mount -t tmpfs tmpfs "$bare/dev/shm"
}

# in_bare USER COMMAND: in the user's own clone, with an empty environment but for what is lent, and no standard input
in_bare() {
  local user=$1 home settings=() name
  home=$(chroot "$bare" sh -c "echo ~$user")
  for name in "${lent[@]}"; do [ -z "${!name:-}" ] || settings+=("$name=${!name}"); done
  chroot "$bare" su -s /bin/bash "$user" -c \
    "cd '$home/fiscalkg' && exec env -i HOME='$home' USER='$user' PATH=/usr/sbin:/usr/bin:/sbin:/bin $(printf '%q ' "${settings[@]}") bash -c '$2'" </dev/null
}

fresh_clone() {
  local user=$1 home
  home=$(chroot "$bare" sh -c "echo ~$user")
  rm -rf "$bare$home/fiscalkg"
  git clone --quiet --no-local . "$bare$home/fiscalkg"
  chroot "$bare" chown -R "$user:" "$home/fiscalkg"
}

says() {
  grep -- "$1" >/dev/null || { echo "bare-debian: expected '$1'" >&2; exit 1; }
}

[ -e "$bare/etc/debian_version" ] || build
chroot "$bare" dpkg --purge --force-depends python3-venv python3.11-venv >/dev/null 2>&1 || true
lend
for user in visitor root; do fresh_clone "$user"; done

echo "== visitor, no ensurepip, may install nothing: is told what to do"
in_bare visitor "! make setup 2>&1" | tee /dev/stderr | says "install python3-venv"
echo "== root: make setup brings python3-venv"
in_bare root "make setup && .venv/bin/fiscalkg --version"
echo "== visitor, with ensurepip: make setup"
in_bare visitor "make setup && .venv/bin/fiscalkg --version"
[ "$goal" = test ] || exit 0
echo "== visitor: make test names what is missing and skips its tests"
in_bare visitor "make test 2>&1" | tee /dev/stderr | says "missing: chromium"
echo "== root: make test brings everything, nothing is skipped"
in_bare root "FISCALKG_NO_SKIPS=1 make test"
echo "bare-debian: fine"
