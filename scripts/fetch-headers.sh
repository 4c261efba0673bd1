#!/usr/bin/env bash
# fetch-headers.sh DIR: fills DIR with the header-only dependencies, from Debian's or Ubuntu's packages and without
# installing them, for a machine that has no network (measure-gpu.sh --headers DIR).
set -euo pipefail

if [[ $# != 1 ]]; then
  echo "usage: $0 DIR" >&2
  exit 2
fi
packages=(libfmt-dev nlohmann-json3-dev libcli11-dev libeigen3-dev catch2)
mkdir -p "$1"
folder=$(cd "$1" && pwd)
downloads=$(mktemp -d)
trap 'rm -rf "$downloads"' EXIT

cd "$downloads"
apt-get -q download "${packages[@]}"
for package in ./*.deb; do
  dpkg -x "$package" "$folder"
done
# What is no header is not needed.
find "$folder" -mindepth 1 -maxdepth 1 ! -name usr -exec rm -rf {} +
find "$folder/usr" -mindepth 1 -maxdepth 1 ! -name include -exec rm -rf {} +
du -sh "$folder"
