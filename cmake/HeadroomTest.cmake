# headroom_add_test(<name> SOURCES <file>... LIBS <target>... [LABELS <label>...])
#
# A Catch2 program build/<preset>/tests/<name> and one ctest of the same name that runs all its cases.
# Test files include "catch.h", the one header that accepts Catch2 2.13 and 3.
function(headroom_add_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;LIBS;LABELS")
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "headroom_add_test(${name}): unexpected ${arg_UNPARSED_ARGUMENTS}")
  endif()

  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE headroom_test_main headroom_warnings ${arg_LIBS})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests)

  add_test(NAME ${name} COMMAND ${name})
  set_tests_properties(${name} PROPERTIES LABELS "${arg_LABELS}")
endfunction()
