#!/bin/sh
# check.sh <root>: does every folder include and link only what it may? Prints each line that does not; exit 1 if any.
set -eu
cd "$1"
any='models|sim|kernels|measure|cli|gui'
found=0

# may_use <folder> <folders it may use besides itself>...
may_use() {
  folder=$1
  [ -d "$folder" ] || return 0
  allowed=$(echo "$*" | tr ' ' '|')

  offences=$(
    grep -rnE --include='*.h' --include='*.cpp' --include='*.cu' --include='*.cuh' \
      "^[[:blank:]]*#[[:blank:]]*include[[:blank:]]*[<\"](headroom/|.*\.\./)($any)/" "$folder" |
      grep -vE "[<\"](headroom/|.*\.\./)($allowed)/"
    grep -rnoE --include=CMakeLists.txt "headroom(::|_)($any)\b" "$folder" |
      grep -vE "(::|_)($allowed)\$"
  ) || true

  [ -z "$offences" ] && return 0
  echo "$folder may use only: $*"
  echo "$offences"
  found=1
}

# only_below <folder> <header>: the plotting library has one place, so that it can be replaced.
only_below() {
  [ -d gui ] || return 0
  offences=$(grep -rnE --include='*.h' --include='*.cpp' "^[[:blank:]]*#[[:blank:]]*include[[:blank:]]*[<\"]$2" gui |
    grep -v "^$1/") || true
  [ -z "$offences" ] && return 0
  echo "only $1 may include $2"
  echo "$offences"
  found=1
}

may_use models
may_use sim models
may_use kernels
may_use measure kernels models
may_use cli sim models
may_use gui sim models
may_use docs sim models
only_below gui/plot qcustomplot.h
exit $found
