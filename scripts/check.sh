#!/usr/bin/env bash
# What test.sh leaves out: formatting, the sanitizers, the fuzzers, Clang with clang-tidy, the Debian packages.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/lib.sh

install_packages build test gui mpi check
step format "Checking the formatting" scripts/format.sh --check
build asan
run_tests asan
build fuzz
run_tests fuzz
build tidy
run_tests tidy
build release
rm -f build/release/*.deb
step deb "Packaging" cpack --preset deb
scripts/test-packages.sh
