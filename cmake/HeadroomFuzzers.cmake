# HEADROOM_FUZZERS: whether the readers' fuzzers run in the tests. They need libFuzzer, which comes with Clang; every other
# compiler replays their corpus. With a sanitizer's runtime in the program all code also says which way it went.
include(CheckCXXSourceCompiles)
set(CMAKE_REQUIRED_FLAGS -fsanitize=fuzzer)
check_cxx_source_compiles("
#include <cstddef>
#include <cstdint>
extern \"C\" int LLVMFuzzerTestOneInput(const std::uint8_t*, std::size_t) { return 0; }" HEADROOM_HAS_LIBFUZZER)
unset(CMAKE_REQUIRED_FLAGS)
option(HEADROOM_FUZZERS "Run the fuzzers of the readers for some seconds in the tests (Clang)" ${HEADROOM_HAS_LIBFUZZER})

if(HEADROOM_FUZZERS AND NOT HEADROOM_HAS_LIBFUZZER)
  message(FATAL_ERROR "HEADROOM_FUZZERS needs a compiler with libFuzzer: Clang (preset fuzz)")
elseif(NOT HEADROOM_FUZZERS)
  message(STATUS "headroom: no fuzzers without Clang's libFuzzer; their corpus is replayed (preset fuzz)")
elseif(HEADROOM_SANITIZERS)
  message(STATUS "headroom: fuzzers, guided by the coverage of all code")
  add_compile_options(-fsanitize=fuzzer-no-link)
else()
  message(STATUS "headroom: fuzzers, guided by no coverage; the preset fuzz has it")
endif()
