#!/usr/bin/env bash
# screenshots.sh [PROGRAM [FOLDER]]: every tab of headroom-gui, light and dark, at 1x, 2x and 1024 x 700, as pictures in
# FOLDER; needs no display. screenshots.sh --readme [PROGRAM]: the pictures of README.md and docs/gui.md.
set -euo pipefail
cd "$(dirname "$0")/.."

readme=
if [[ ${1:-} == --readme ]]; then
  readme=yes
  shift
fi
program=${1:-build/release/bin/headroom-gui}
folder=${2:-build/screenshots}
if [[ ! -x $program ]]; then
  echo "There is no program $program; build it first (cmake --workflow --preset release)." >&2
  exit 2
fi

# shot <file> <argument>...
shot() {
  "$program" --screenshot "$1" --records measure/records/host "${@:2}"
  echo "$1"
}

if [[ $readme ]]; then
  mkdir -p docs/screenshots
  shot docs/screenshots/breakdown.png --tab breakdown --theme light
  shot docs/screenshots/curves.png --tab curves --theme dark
  shot docs/screenshots/sweep.png --tab sweep --theme light \
    --vary batch=1:16:*2 --vary recompute=none,selective,full,every:4
  shot docs/screenshots/devices.png --tab devices --theme light
  shot docs/screenshots/compare.png --tab compare --theme light
  exit
fi

mkdir -p "$folder"
# shots <name> <argument>...: one picture in every theme and size.
shots() {
  for theme in light dark; do
    shot "$folder/$1-$theme-1x.png" --theme "$theme" "${@:2}"
    shot "$folder/$1-$theme-2x.png" --theme "$theme" "${@:2}" --scale 2
    shot "$folder/$1-$theme-small.png" --theme "$theme" "${@:2}" --size 1024x700
  done
}

for tab in breakdown curves timeline sweep devices records compare; do
  shots "$tab" --tab "$tab"
done
shots sweep-fields --tab sweep --vary batch=1:16:*2 --vary recompute=none,selective,full,every:4
shots sweep-peak --tab sweep --vary attention=vanilla,flash --vary feed-forward=whole,blockwise --peak
shots sweep-three --tab sweep --vary hardware=A100-40GB,A100-80GB,H200 --vary precision=fp32,bf16-mixed,bf16 \
  --vary optimizer-states=fp32,bf16,int8
