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
  shot docs/screenshots/devices.png --tab devices --theme light
  shot docs/screenshots/compare.png --tab compare --theme light
  exit
fi

mkdir -p "$folder"
for tab in breakdown curves timeline models devices records compare; do
  for theme in light dark; do
    shot "$folder/$tab-$theme-1x.png" --tab "$tab" --theme "$theme"
    shot "$folder/$tab-$theme-2x.png" --tab "$tab" --theme "$theme" --scale 2
    shot "$folder/$tab-$theme-small.png" --tab "$tab" --theme "$theme" --size 1024x700
  done
done
