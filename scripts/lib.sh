# shellcheck shell=bash
# Functions shared by the scripts of this folder; source it from the repository's root.
logs=build/logs
mkdir -p "$logs"
CMAKE_BUILD_PARALLEL_LEVEL=${CMAKE_BUILD_PARALLEL_LEVEL:-$(nproc)}
CTEST_PARALLEL_LEVEL=${CTEST_PARALLEL_LEVEL:-$(nproc)}
export CMAKE_BUILD_PARALLEL_LEVEL CTEST_PARALLEL_LEVEL

# step <log name> <title> <command>...: one line on success with the seconds it took, the log's end on failure.
step() {
  local log=$logs/$1.log title=$2 begin=$SECONDS
  shift 2
  printf '%s ... ' "$title"
  if "$@" >"$log" 2>&1; then
    echo "$((SECONDS - begin)) s"
  else
    echo "failed. The end of $log:"
    tail -n 60 "$log"
    exit 1
  fi
}

# packages <when>...: the packages of scripts/packages.txt needed then, with the command each brings.
packages() {
  local wanted=" $* " when package command
  while read -r when package command _; do
    if [[ $wanted == *" $when "* ]]; then
      echo "$package $command"
    fi
  done <scripts/packages.txt
}

is_installed() {
  [[ $2 != - ]] && command -v "$2" >/dev/null && return
  [[ $(dpkg-query --show --showformat='${db:Status-Status}' "$1" 2>/dev/null) == installed ]]
}

missing_packages() {
  local package command
  packages "$@" | while read -r package command; do
    is_installed "$package" "$command" || echo "$package"
  done
}

has_apt() { [[ -e /etc/debian_version ]] && command -v apt-get >/dev/null; }

# explain_packages <sentence> <package>...: says what to install and stops.
explain_packages() {
  echo "$1" >&2
  printf '  %s\n' "${@:2}" >&2
  exit 2
}

apt_install() {
  local as_root=(env DEBIAN_FRONTEND=noninteractive)
  [[ $(id -u) == 0 ]] || as_root=(sudo "${as_root[@]}")
  "${as_root[@]}" apt-get -q update &&
    "${as_root[@]}" apt-get -q -y --no-install-recommends install "$@"
}

# install_packages <when>...: through apt, and only what is missing.
install_packages() {
  local missing
  if [[ ${HEADROOM_PACKAGES:-} == installed ]]; then
    return
  fi
  if ! has_apt; then
    mapfile -t missing < <(packages "$@" | cut -d ' ' -f 1)
    explain_packages "This script installs packages on Debian and Ubuntu only. Install what your system calls \
these, then run HEADROOM_PACKAGES=installed $0:" "${missing[@]}"
  fi
  mapfile -t missing < <(missing_packages "$@")
  [[ ${#missing[@]} == 0 ]] && return
  if [[ $(id -u) != 0 ]] && ! command -v sudo >/dev/null; then
    explain_packages "Neither root nor sudo. Have these packages installed, then run $0 again:" "${missing[@]}"
  fi
  step apt "Installing ${missing[*]}" apt_install "${missing[@]}"
}

require_cmake() {
  local version
  version=$(cmake --version | sed -n 's/^cmake version //p')
  if ! printf '%s\n' 3.25 "$version" | sort --version-sort --check=quiet; then
    echo "CMake 3.25 or newer is needed; this one is $version." >&2
    exit 2
  fi
}

# build <preset>
build() {
  require_cmake
  step "configure-$1" "Configuring $1" cmake --preset "$1"
  step "build-$1" "Building $1" cmake --build --preset "$1"
}

# run_tests <preset>: ends with ctest's own summary.
run_tests() {
  step "test-$1" "Testing $1" ctest --preset "$1"
  grep -E 'tests passed' "$logs/test-$1.log"
}
