# headroom_warnings: the warnings that every target of this project compiles with.
option(HEADROOM_WARNINGS_AS_ERRORS "Stop at the first warning" OFF)

add_library(headroom_warnings INTERFACE)
set(flags -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion
  -Wold-style-cast -Wnon-virtual-dtor -Woverloaded-virtual -Wcast-align -Wformat=2
  $<$<BOOL:${HEADROOM_WARNINGS_AS_ERRORS}>:-Werror>)
target_compile_options(headroom_warnings INTERFACE
  "$<$<COMPILE_LANGUAGE:CXX>:${flags}>"
  # The other warnings speak of what nvcc generates.
  "$<$<COMPILE_LANGUAGE:CUDA>:-Xcompiler=-Wall,-Wextra;$<$<BOOL:${HEADROOM_WARNINGS_AS_ERRORS}>:-Werror=all-warnings>>")

# GCC 12 sees overlapping copies in std::string concatenation where there are none (GCC bug 105651).
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  target_compile_options(headroom_warnings INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-Wno-restrict>)
endif()
