# Compile through ccache where it is installed and nothing else was asked for.
find_program(HEADROOM_CCACHE ccache)
mark_as_advanced(HEADROOM_CCACHE)

if(HEADROOM_CCACHE AND NOT DEFINED CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${HEADROOM_CCACHE})
  message(STATUS "headroom: compiling through ${HEADROOM_CCACHE}")
endif()
