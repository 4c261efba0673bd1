# headroom_add_test(<name> SOURCES <file>... LIBS <target>... [LABELS <label>...])
#
# A Catch2 program build/<preset>/tests/<name> and one ctest of the same name that runs all its cases.
# Test files include "catch.h", the one header that accepts Catch2 2.13 and 3.
function(headroom_add_test name)
  headroom_add_test_with_main(${name} headroom_test_main ${ARGN})
endfunction()

# headroom_add_gpu_test(<name> SOURCES <file>... LIBS <target>...): the same for a test that needs a CUDA device. Its
# label is gpu, and where there is no device ctest shows it as skipped.
function(headroom_add_gpu_test name)
  headroom_add_test_with_main(${name} headroom_gpu_test_main ${ARGN} LABELS gpu)
  # One device, one test: memory is measured there.
  set_tests_properties(${name} PROPERTIES SKIP_RETURN_CODE 77 RESOURCE_LOCK gpu)
endfunction()

function(headroom_add_test_with_main name main)
  cmake_parse_arguments(PARSE_ARGV 2 arg "" "" "SOURCES;LIBS;LABELS")
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "the test ${name}: unexpected ${arg_UNPARSED_ARGUMENTS}")
  endif()

  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE ${main} headroom_warnings ${arg_LIBS})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests)

  add_test(NAME ${name} COMMAND ${name})
  set_tests_properties(${name} PROPERTIES LABELS "${arg_LABELS}")
endfunction()
