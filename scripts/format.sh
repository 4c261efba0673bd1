#!/usr/bin/env bash
# format.sh: formats every C++ file that git knows. format.sh --check: changes nothing and fails if it would.
set -euo pipefail
cd "$(dirname "$0")/.."

mode=(-i)
[[ ${1:-} == --check ]] && mode=(--dry-run --Werror)
git ls-files -z -- '*.h' '*.cpp' '*.cu' '*.cuh' ':!tests/architecture/forbidden' | xargs -0 -r clang-format "${mode[@]}"
