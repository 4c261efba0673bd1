#!/usr/bin/env bash
# From a fresh clone to an answer: installs what is missing, builds release, asks how long a context fits.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/lib.sh

install_packages build
build release

query=(build/release/bin/headroom max-context --model llama-3-8b --hardware a100-80gb
  --precision bf16 --batch 1 --recompute full)

echo
echo "\$ headroom ${query[*]:1} --optimizer-states bf16"
"${query[@]}" --optimizer-states bf16

echo
echo "\$ headroom ${query[*]:1} --optimizer-states fp32"
status=0
"${query[@]}" --optimizer-states fp32 || status=$?
# 3: nothing fits, which is the answer here.
[[ $status == 0 || $status == 3 ]] || exit "$status"
