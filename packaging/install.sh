#!/bin/sh
# Installs feedctl: downloads the static binary of a release for this machine, compares its SHA-256 sum with the published one,
# and copies it to a folder.
#
#   FEEDCTL_RELEASES  address of the releases, such as https://github.com/OWNER/REPOSITORY/releases
#   FEEDCTL_VERSION   version, such as 0.1.0 [the latest]
#   FEEDCTL_FOLDER    folder of the binary [~/.local/bin]
set -eu

# The release workflow writes the repository's address here.
releases=${FEEDCTL_RELEASES:-@RELEASES@}
folder=${FEEDCTL_FOLDER:-$HOME/.local/bin}

fail() {
  echo "error: $1" >&2
  exit 1
}

target() {
  [ "$(uname -s)" = Linux ] || fail "cannot install feedctl: there is no binary for $(uname -s); build it with cargo install"
  case $(uname -m) in
    x86_64) echo x86_64-unknown-linux-musl ;;
    aarch64 | arm64) echo aarch64-unknown-linux-musl ;;
    *) fail "cannot install feedctl: there is no binary for $(uname -m); build it with cargo install" ;;
  esac
}

download() {
  curl --proto '=https,http' --fail --silent --show-error --location --retry 3 --output "$2" "$1" ||
    fail "cannot download $1; check the version and the network"
}

case $releases in
  https://* | http://127.0.0.1:*) ;;
  *) fail "cannot install feedctl: no address of releases; set FEEDCTL_RELEASES to one with https" ;;
esac
if [ -n "${FEEDCTL_VERSION:-}" ]; then
  from=$releases/download/v$FEEDCTL_VERSION
else
  from=$releases/latest/download
fi
archive=feedctl-$(target).tar.gz
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
download "$from/$archive" "$work/$archive"
download "$from/SHA256SUMS" "$work/SHA256SUMS"
(
  cd "$work"
  grep "  $archive\$" SHA256SUMS > sum || fail "cannot verify $archive: SHA256SUMS does not list it"
  sha256sum --check --status sum || fail "cannot verify $archive: its SHA-256 sum is not the published one; download it again"
  tar -xzf "$archive" feedctl
)
mkdir -p "$folder"
# Replaced in one step, so that a running feedctl keeps its file.
cp "$work/feedctl" "$folder/.feedctl.new"
chmod 755 "$folder/.feedctl.new"
mv "$folder/.feedctl.new" "$folder/feedctl"
echo "Installed $("$folder/feedctl" --version) in $folder."
case :$PATH: in
  *:"$folder":*) ;;
  *) echo "Add $folder to PATH." ;;
esac
