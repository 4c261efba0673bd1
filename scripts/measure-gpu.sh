#!/usr/bin/env bash
# measure-gpu.sh: builds for this machine's GPU, proves the kernels, calibrates, measures, validates. See docs/gpu.md.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/lib.sh
source scripts/gpu/matrix.sh

usage() {
  cat <<'END'
usage: scripts/measure-gpu.sh [OPTION]...
  --headers DIR   take fmt, CLI11, nlohmann-json, Eigen and Catch2 from this folder (scripts/fetch-headers.sh fills one)
  --out DIR       records, log and summary go there (default build/gpu-measured); what is there is not measured again
  --minutes N     stop starting jobs after so many minutes, the build included (default 8)
  --device N      which GPU, from 0 (default 0)
  --no-tests      go straight to the measurements
  --dry-run       build and print the plan; measure nothing
Exit codes: 0 all that ran agrees, 1 a test or a record does not, 2 no GPU, wrong usage, or the build failed.
END
}

headers='' out=build/gpu-measured minutes=8 device=0 tests=yes dry_run=no
while [[ $# -gt 0 ]]; do
  case $1 in
    --headers | --out | --minutes | --device)
      [[ $# -ge 2 ]] || { usage >&2; exit 2; }
      printf -v "${1#--}" '%s' "$2"
      shift
      ;;
    --no-tests) tests=no ;;
    --dry-run) dry_run=yes ;;
    -h | --help) usage; exit 0 ;;
    *) usage >&2; exit 2 ;;
  esac
  shift
done
if ! [[ $minutes =~ ^[0-9]+$ && $device =~ ^[0-9]+$ ]]; then
  echo "--minutes and --device are whole numbers" >&2
  exit 2
fi

build=build/gpu
headroom=$build/bin/headroom
measure=$build/bin/headroom-measure-cuda
mkdir -p "$out/records" "$out/calibration"
log=$out/log.txt summary=$out/summary.txt

configure() {
  local options=(-DCMAKE_BUILD_TYPE=Release -DHEADROOM_CUDA_ARCHITECTURES="$1")
  [[ -z $headers ]] || options+=(-DHEADROOM_HEADERS_DIR="$(cd "$headers" && pwd)")
  command -v ninja >/dev/null && options+=(-G Ninja)
  cmake -S . -B "$build" "${options[@]}"
}

# The card's own architecture; without a card any will do to see that it builds.
architecture() {
  if command -v nvidia-smi >/dev/null && nvidia-smi >/dev/null 2>&1; then echo native; else echo 90; fi
}

build_all() {
  local targets=(headroom_cli headroom_measure_cuda_program)
  [[ $tests == no ]] || targets+=(kernels_cuda_test measure_gpu_test)
  cmake --build "$build" --target "${targets[@]}"
}

require_tools() {
  local cuda
  for cuda in "${CUDA_HOME:-}" /usr/local/cuda /usr/local/cuda-*; do
    command -v nvcc >/dev/null && break
    [[ ! -x $cuda/bin/nvcc ]] || PATH=$cuda/bin:$PATH
  done
  for tool in nvcc cmake c++; do
    command -v "$tool" >/dev/null && continue
    echo "$tool is not on PATH: a CUDA Toolkit, CMake and a C++ compiler are needed" >&2
    exit 2
  done
  require_cmake
}

# test_step <name> <seconds> <command>...: a line in the summary; failing does not stop the measurements.
failures=0
test_step() {
  local name=$1 seconds=$2 status=0
  shift 2
  timeout "$seconds" "$@" >>"$log" 2>&1 || status=$?
  case $status in
    0) report "passed: $name" ;;
    77) report "skipped: $name" ;;
    *) report "FAILED ($status): $name" && failures=$((failures + 1)) ;;
  esac
}

report() { echo "$*" | tee -a "$summary"; }

correctness() {
  test_step kernels_cuda_test 150 "$build/tests/kernels_cuda_test"
  test_step measure_gpu_test 150 "$build/tests/measure_gpu_test"
  if command -v compute-sanitizer >/dev/null; then
    test_step 'compute-sanitizer, tiled attention and products' 90 \
      compute-sanitizer --error-exitcode 1 "$build/tests/kernels_cuda_test" 'Tiled attention*,A product*'
  else
    report "skipped: compute-sanitizer is not on PATH"
  fi
}

require_tools
[[ -n $headers && ! -d $headers ]] && { echo "--headers $headers: no such folder" >&2; exit 2; }
(step gpu-configure "Configuring for the GPU ($(architecture))" configure "$(architecture)") || exit 2
(step gpu-build "Building" build_all) || exit 2
make_models

if [[ $dry_run == yes ]]; then
  print_plan
  "$measure" --free-memory --device "$device"
  exit
fi

room=$("$measure" --free-memory --device "$device")
report "$(sed -n 's/^name /device: /p' <<<"$room"), $(sed -n 's/^free_bytes //p' <<<"$room") bytes free"
[[ $tests == no ]] || correctness
calibrate
measure_matrix
report "$(find "$out/records" -name '*.json' | wc -l) records in $out/records, $failures failures, $SECONDS s"
[[ $failures == 0 ]]
