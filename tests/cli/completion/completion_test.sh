#!/usr/bin/env bash
# completion_test.sh SHELL PROGRAM COMPLETIONS: what SHELL (bash, zsh, fish) offers behind command lines of PROGRAM, with the
# completions of the folder COMPLETIONS. Ends with 77 where the shell is not installed.
set -euo pipefail
shell=$1 program=$(realpath "$2") completions=$(realpath "$3")
here=$(cd "$(dirname "$0")" && pwd)

if ! command -v "$shell" >/dev/null; then
  echo "Skipped: $shell is not installed."
  exit 77
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/home" "$work/home/records"
touch "$work/home/my job.json" "$work/home/records/one.json" "$work/home/llama.json"
cd "$work/home"
failures=0

# offer <line>: what is offered for the word at the line's end, one a line.
offer() {
  HOME=$work/home "$shell" "$here/offer.$shell" "$program" "$completions" "$1" >"$work/offered" 2>"$work/errors" || true
  if [[ -s $work/errors ]]; then
    fault "$1" "prints to standard error: $(cat "$work/errors")"
  fi
}

fault() {
  echo "$shell: '$1' $2"
  failures=$((failures + 1))
}

# offers <line> <candidate>...
offers() {
  offer "$1"
  local candidate
  for candidate in "${@:2}"; do
    grep -qxF -- "$candidate" "$work/offered" || fault "$1" "does not offer '$candidate' but: $(paste -sd ' ' "$work/offered")"
  done
}

# offers_only <line> <candidate>...: these in any order.
offers_only() {
  offers "$@"
  [[ $(sort -u "$work/offered" | wc -l) == $(($# - 1)) ]] || fault "$1" "offers $(paste -sd ' ' "$work/offered")"
}

offers 'headroom ' max-context breakdown compare explain measure validate models hardware methods
offers_only 'headroom max' max-context max-batch
offers_only 'headroom max-c' max-context
offers_only 'headroom --v' --version
offers 'headroom max-context --re' --recompute
offers 'headroom max-context --model lla' llama-3-8b llama-2-70b
grep -vq '^llama' "$work/offered" && fault 'headroom max-context --model lla' 'offers what does not begin so'
offers_only 'headroom max-context --model records/o' records/one.json
offers 'headroom explain --hardware a100' A100-80GB A100-40GB
offers_only 'headroom breakdown --recompute ' none selective full every:2
offers_only 'headroom breakdown --recompute=' --recompute=none --recompute=selective --recompute=full --recompute=every:2
offers_only 'headroom breakdown --recompute ev' every:2
offers_only 'headroom breakdown --recompute every:' every:2
offers 'headroom breakdown --attention ' vanilla memory-efficient flash
offers_only 'headroom max-context --method flash,mega' flash,megatron-sp
offers_only 'headroom models --format=j' --format=json
offers_only 'headroom models --format ' table json csv
offers_only 'headroom breakdown --job my' 'my job.json'
offers_only 'headroom breakdown --job records/o' records/one.json
offers_only 'headroom breakdown --job=records/o' --job=records/one.json
offers_only 'headroom validate records/o' records/one.json
offers 'headroom models llama-3-' llama-3-8b
offers_only 'headroom methods me' megatron-sp memory-efficient
offers_only 'headroom breakdown --batch '
offers_only 'headroom max-context --grid ' pow2
offers 'headroom max-context --batch 2 --pre' --precision --prefetch
offers_only 'headroom max-context --precision bf16 --pre' --prefetch --prefill-batch --prefill-chunk

if [[ $failures != 0 ]]; then
  exit 1
fi
echo "$shell completes as it should."
