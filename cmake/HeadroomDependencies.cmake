# Each dependency is looked for on the system first; a pinned release is fetched where the system has none.
include(FetchContent)

find_package(fmt 9 REQUIRED)
find_package(nlohmann_json 3.11 REQUIRED)
find_package(CLI11 2.1 REQUIRED)
if(HEADROOM_BUILD_TESTS)
  find_package(Catch2 REQUIRED)
endif()
if(HEADROOM_BUILD_BENCHMARKS)
  find_package(benchmark REQUIRED)
endif()
