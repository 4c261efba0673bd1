# Each dependency is looked for on the system first; a pinned release is fetched where the system has none. Or all of
# them come from one folder of headers, as scripts/fetch-headers.sh lays it out, for a machine with neither.
set(HEADROOM_HEADERS_DIR "" CACHE PATH "Take fmt, CLI11, nlohmann-json, Eigen and Catch2 from this folder of headers")
if(HEADROOM_HEADERS_DIR)
  include(HeadroomHeaders)
  return()
endif()
include(FetchContent)

# headroom_dependency(<package> <oldest version accepted> <URL> <SHA256>)
macro(headroom_dependency package version url sha256)
  FetchContent_Declare(${package} URL ${url} URL_HASH SHA256=${sha256} DOWNLOAD_EXTRACT_TIMESTAMP ON SYSTEM
                       FIND_PACKAGE_ARGS ${version} CONFIG)
  FetchContent_MakeAvailable(${package})
  if(${package}_FOUND)
    message(STATUS "headroom: ${package} ${${package}_VERSION} (system)")
  else()
    message(STATUS "headroom: ${package} (fetched: ${url})")
  endif()
endmacro()

set(FMT_INSTALL ${HEADROOM_INSTALL})
headroom_dependency(fmt 9
  https://github.com/fmtlib/fmt/archive/refs/tags/9.1.0.tar.gz
  5dea48d1fcddc3ec571ce2058e13910a0d4a6bab4cc09a809d8b1dd1c88ae6f2)
headroom_dependency(nlohmann_json 3.11
  https://github.com/nlohmann/json/releases/download/v3.11.3/json.tar.xz
  d6c65aca6b1ed68e7a182f4757257b107ae403032760ed6ef121c9d55e81757d)
headroom_dependency(CLI11 2.1
  https://github.com/CLIUtils/CLI11/archive/refs/tags/v2.1.2.tar.gz
  26291377e892ba0e5b4972cdfd4a2ab3bf53af8dac1f4ea8fe0d1376b625c8cb)

if(HEADROOM_BUILD_TESTS)
  # No version: 2.13 and 3 are both accepted, and Catch2's own version file lets no major version stand for another.
  headroom_dependency(Catch2 ""
    https://github.com/catchorg/Catch2/archive/refs/tags/v2.13.10.tar.gz
    d54a712b7b1d7708bc7a819a8e6e47b2fde9536f487b89ccbca295072a7d9943)
endif()

if(HEADROOM_BUILD_BENCHMARKS)
  set(BENCHMARK_ENABLE_TESTING OFF)
  set(BENCHMARK_ENABLE_INSTALL OFF)
  headroom_dependency(benchmark 1.7
    https://github.com/google/benchmark/archive/refs/tags/v1.8.3.tar.gz
    6bc180a57d23d4d9515519f92b0c83d61b05b5bab188961f36ac7b06b0d9e9ce)
endif()

# The host kernels and sweeps use all cores.
find_package(Threads REQUIRED)

# The host kernels' matrix products. Nothing else needs it, so a system without it builds the rest.
find_package(Eigen3 3.4 QUIET CONFIG)
if(Eigen3_FOUND)
  message(STATUS "headroom: Eigen3 ${Eigen3_VERSION} (system)")
else()
  message(STATUS "headroom: Eigen3 not found: kernels and measure are left out")
endif()
