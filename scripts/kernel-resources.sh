#!/usr/bin/env bash
# kernel-resources.sh LIBRARY: registers, static shared memory, stack and local memory of each attention kernel for each
# architecture, as cuobjdump reads them from the built library. Exit 1: one of them has a stack or local memory, which
# is where registers spill; 2: the library cannot be read; 77: there is no cuobjdump. CUOBJDUMP names another one.
set -euo pipefail

if [[ $# != 1 || ! -r $1 ]]; then
  echo "usage: $0 LIBRARY, a library of CUDA kernels that exists" >&2
  exit 2
fi
cuobjdump=${CUOBJDUMP:-cuobjdump}
if ! command -v "$cuobjdump" >/dev/null; then
  echo "kernel-resources.sh: no cuobjdump; it comes with the CUDA Toolkit, and CUOBJDUMP may name it" >&2
  exit 77
fi

demangle() { if command -v c++filt >/dev/null; then c++filt; else cat; fi; }

# One line a kernel: name, architecture and "KEY:bytes" as cuobjdump prints them.
kernels() {
  "$cuobjdump" --dump-resource-usage "$1" |
    awk '$1 == "arch" { architecture = $3 }
         $1 == "Function" { name = substr($2, 1, length($2) - 1) }
         $1 ~ /^REG:/ { print name, architecture, $1, $2, $3, $4 }' |
    demangle |
    sed -E 's/^void headroom::kernels::simt::run<headroom::kernels::cuda::(.*)>\(.*\) (sm_)/\1 \2/;
            s/\(anonymous namespace\):://; s/ >/>/g; s/, /,/g; s/\((int|bool)\)//g'
}

kernels "$1" | grep -E '^[^ ]*(Forward|Backward|Attention|Block|Softmax)' | sort -u | awk '
  function bytes(field) { sub(/^[A-Z]+:/, "", field); return field + 0 }
  BEGIN { printf "%-32s %-6s %9s %7s %6s %6s\n", "kernel", "arch", "registers", "shared", "stack", "local" }
  {
    printf "%-32s %-6s %9d %7d %6d %6d\n", $1, $2, bytes($3), bytes($5), bytes($4), bytes($6)
    if (bytes($4) + bytes($6) > 0) spilling = spilling " " $1 "@" $2
  }
  END {
    if (NR == 0) { print "no attention kernels in this library"; exit 2 }
    if (spilling) { print "with a stack or local memory:" spilling; exit 1 }
    print NR " attention kernels, none with a stack or local memory"
  }'
