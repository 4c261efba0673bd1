#!/usr/bin/env bash
# Installs what is missing, builds dev with warnings as errors, compiles each public header alone, runs every test.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/lib.sh

install_packages build test gui mpi
build dev
run_tests dev
