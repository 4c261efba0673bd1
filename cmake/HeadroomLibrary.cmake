# headroom_add_library(<name> SOURCES <file>... HEADERS <file>... [LINK_PUBLIC <target>...] [LINK_PRIVATE <target>...]
#                      [EXPORT <set>])
#
# A static library headroom_<name>, known to everybody else as headroom::<name>:
#   - HEADERS are the public headers below include/; each is also compiled alone (all_verify_interface_header_sets);
#   - SOURCES may include private headers relative to src/;
#   - LINK_PRIVATE header-only targets stay out of the installed package; others are found again by headroomConfig.cmake;
#   - EXPORT is the set of targets it is installed with, headroomTargets where none is given.
function(headroom_add_library name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "EXPORT" "SOURCES;HEADERS;LINK_PUBLIC;LINK_PRIVATE")
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "headroom_add_library(${name}): unexpected ${arg_UNPARSED_ARGUMENTS}")
  endif()
  set(target headroom_${name})
  if(NOT arg_EXPORT)
    set(arg_EXPORT headroomTargets)
  endif()

  add_library(${target} STATIC ${arg_SOURCES})
  add_library(headroom::${name} ALIAS ${target})
  target_sources(${target} PUBLIC FILE_SET HEADERS BASE_DIRS include FILES ${arg_HEADERS})
  target_include_directories(${target} PRIVATE src)
  target_compile_features(${target} PUBLIC cxx_std_20)
  set_target_properties(${target} PROPERTIES EXPORT_NAME ${name} POSITION_INDEPENDENT_CODE ON)

  target_link_libraries(${target} PUBLIC ${arg_LINK_PUBLIC} PRIVATE $<BUILD_INTERFACE:headroom_warnings>)
  foreach(dependency IN LISTS arg_LINK_PRIVATE)
    headroom_is_header_only(${dependency} header_only)
    if(header_only)
      target_link_libraries(${target} PRIVATE $<BUILD_INTERFACE:${dependency}>)
    else()
      target_link_libraries(${target} PRIVATE ${dependency})
    endif()
  endforeach()

  if(HEADROOM_INSTALL)
    install(TARGETS ${target} EXPORT ${arg_EXPORT} COMPONENT headroom_development
            FILE_SET HEADERS COMPONENT headroom_development)
  endif()
endfunction()

# A target that brings nothing to the linker.
function(headroom_is_header_only target result)
  set(${result} FALSE PARENT_SCOPE)
  get_target_property(type ${target} TYPE)
  if(type STREQUAL "INTERFACE_LIBRARY")
    get_target_property(libraries ${target} INTERFACE_LINK_LIBRARIES)
    get_target_property(options ${target} INTERFACE_LINK_OPTIONS)
    if(NOT libraries AND NOT options)
      set(${result} TRUE PARENT_SCOPE)
    endif()
  endif()
endfunction()
