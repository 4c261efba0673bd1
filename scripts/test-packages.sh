#!/usr/bin/env bash
# test-packages.sh [FOLDER]: installs the Debian packages of FOLDER (build/release) in a clean Debian 12, asks each what it is
# for, builds tests/install/consumer against them, removes them. Needs root and the network; says so and ends with 0 where
# it has neither. The clean system is kept in build/packages for the next time.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/lib.sh

folder=$(realpath "${1:-build/release}")
mirror=${HEADROOM_MIRROR:-http://deb.debian.org/debian}
work=$PWD/build/packages
base=$work/bookworm.tar.gz
root=$work/root

skip() {
  echo "Skipped: the packages were not installed anywhere, $1."
  exit 0
}

[[ $(id -u) == 0 ]] || skip "which needs root"
command -v debootstrap >/dev/null || skip "which needs debootstrap (apt install debootstrap)"
unshare --mount true 2>/dev/null || skip "which needs the right to mount"

shopt -s nullglob
packages=("$folder"/*.deb)
if [[ ${#packages[@]} == 0 ]]; then
  echo "There are no packages in $folder; make them first (cmake --workflow --preset deb)." >&2
  exit 2
fi

# file_of <package>: what was built of it; nothing where it was not. The window and the ranks are optional.
file_of() {
  local package
  for package in "${packages[@]##*/}"; do
    if [[ $package == "$1"_* ]]; then echo "$package"; fi
  done
}

# No file in two packages, and what Debian wants in each.
check_contents() {
  local package twice
  for package in "${packages[@]}"; do
    dpkg-deb --fsys-tarfile "$package" | tar -t | grep -v '/$'
  done | sort >"$work/files"
  twice=$(uniq -d "$work/files")
  if [[ -n $twice ]]; then
    echo "In two packages: $twice" >&2
    return 1
  fi
  for package in "${packages[@]}"; do
    grep -q "/doc/$(dpkg-deb --field "$package" Package)/copyright$" "$work/files" || return
  done
}

# inside <command>...: in the clean system, with its own mounts.
inside() {
  # shellcheck disable=SC2016
  unshare --mount --pid --fork bash -c 'mount -t proc proc "$0/proc" && mount --rbind /dev "$0/dev" && exec chroot "$0" \
    env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@"' \
    "$root" "$@"
}

make_base() {
  rm -rf "$work/new" && debootstrap --variant=minbase bookworm "$work/new" "$mirror" &&
    tar -C "$work/new" -czf "$work/new.tar.gz" . && mv "$work/new.tar.gz" "$base" && rm -rf "$work/new"
}

unpack_root() {
  rm -rf "$root" && mkdir -p "$root/packages" && tar -C "$root" -xzf "$base" &&
    cp "${packages[@]}" "$root/packages" && cp -r tests/install/consumer tests/cli/completion "$root/packages" &&
    mkdir "$root/packages/shipped" && cp /etc/resolv.conf "$root/etc/resolv.conf" &&
    inside apt-get -q update && inside apt-get -q -y upgrade
}

# install <package of ours or of Debian>...
install() {
  local name file names=()
  for name in "$@"; do
    file=$(file_of "$name")
    names+=("${file:+/packages/}${file:-$name}")
  done
  inside apt-get -q -y --no-install-recommends install "${names[@]}"
}

question="headroom max-context --model llama-3-8b --hardware a100-80gb --precision bf16 --optimizer-states bf16"
command_line() { install headroom && inside sh -c "$question"; }

measurement() { inside headroom validate --live; }

manual() {
  install man-db groff &&
    inside sh -c 'man headroom >/tmp/page && grep -q "^COMMANDS" /tmp/page && grep -q "max-context" /tmp/page' &&
    inside sh -c 'man --warnings headroom 2>&1 >/dev/null | { ! grep . ; }'
}

# The completions from where each shell looks for them.
completion() {
  install bash-completion zsh fish &&
    inside cp /usr/share/bash-completion/completions/headroom /packages/shipped/headroom.bash &&
    inside cp /usr/share/zsh/vendor-completions/_headroom /usr/share/fish/vendor_completions.d/headroom.fish \
      /packages/shipped || return
  local shell
  for shell in bash zsh fish; do
    inside /packages/completion/completion_test.sh $shell /usr/bin/headroom /packages/shipped || return
  done
  # shellcheck disable=SC2016
  inside bash -c 'source /usr/share/bash-completion/bash_completion; _completion_loader headroom; complete -p headroom'
}

library() {
  install libheadroom-dev g++ cmake make && inside cmake -S /packages/consumer -B /tmp/consumer \
    -DHEADROOM_VERSION="$(inside headroom --version | cut -d ' ' -f 2)" &&
    inside cmake --build /tmp/consumer && inside /tmp/consumer/consumer
}

window() {
  install headroom-gui && inside env QT_QPA_PLATFORM=offscreen headroom-gui --screenshot /tmp/window.png --tab breakdown &&
    inside sh -c 'test -s /tmp/window.png'
}

ranks() {
  install headroom-mpi &&
    inside headroom measure --model gpt2 --budget 16GiB --method ring --ranks 2 --sharding zero3 --precision bf16 \
      --seq 64 --record /tmp/ranks.json && inside headroom validate /tmp/ranks.json
}

# Nothing of ours is left behind.
removal() {
  # shellcheck disable=SC2016
  inside sh -c 'apt-get -q -y purge "*headroom*" && ! find /usr /etc /var/lib/dpkg/info -name "*headroom*" | grep .'
}

mkdir -p "$work"
step packages-contents "Files of ${#packages[@]} packages" check_contents
if [[ ! -e $base ]]; then
  step packages-base "Clean Debian 12" make_base
fi
step packages-root "Unpacking it" unpack_root
step packages-cli "headroom: installed, and answers" command_line
step packages-measure "headroom: measures and agrees" measurement
step packages-manual "headroom: man headroom" manual
step packages-completion "headroom: completion in bash, zsh and fish" completion
step packages-library "libheadroom-dev: a consumer builds and runs" library
if [[ $(file_of headroom-gui) ]]; then step packages-gui "headroom-gui: paints its window" window; fi
if [[ $(file_of headroom-mpi) ]]; then step packages-mpi "headroom-mpi: measures two ranks" ranks; fi
step packages-removal "All removed" removal
rm -rf "$root"
