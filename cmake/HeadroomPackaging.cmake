# Debian packages, one for each part, so that the command line program asks for no Qt, no MPI and no CUDA:
# cmake --workflow --preset deb; scripts/test-packages.sh installs them in a clean Debian 12.
find_program(HEADROOM_GZIP gzip)
mark_as_advanced(HEADROOM_GZIP)
if(NOT HEADROOM_GZIP)
  message(STATUS "headroom: no packages without gzip")
  return()
endif()

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME headroom)
set(CPACK_PACKAGE_CONTACT "headroom maintainers <maintainers@headroom.invalid>")
# Every package has a summary of its own; one of all would stand in front of it.
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "")
set(CPACK_RESOURCE_FILE_LICENSE ${PROJECT_SOURCE_DIR}/LICENSE)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_COMPONENTS_GROUPING ONE_PER_GROUP)
set(CPACK_COMPONENTS_ALL "")
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION science)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)

# What Debian wants in each package: the licence, the changes. Not part of `cmake --install`.
set(debian ${PROJECT_BINARY_DIR}/debian)
file(MAKE_DIRECTORY ${debian})

# headroom_compressed(<file> <compressed file>): a build rule, with no name and no time in the result.
function(headroom_compressed file compressed)
  add_custom_command(OUTPUT ${compressed} COMMAND ${HEADROOM_GZIP} -9nc ${file} > ${compressed} DEPENDS ${file}
                     COMMENT "Compressing ${compressed}" VERBATIM)
endfunction()
headroom_compressed(${PROJECT_SOURCE_DIR}/CHANGELOG.md ${debian}/changelog.gz)
headroom_compressed(${PROJECT_BINARY_DIR}/man/headroom.1 ${debian}/headroom.1.gz)
add_custom_target(debian_files ALL DEPENDS ${debian}/changelog.gz ${debian}/headroom.1.gz)
add_dependencies(debian_files manual)

# headroom_package(<component> <package> SUMMARY <line> DESCRIPTION <line>... [COPYRIGHT <file of cmake/debian>]
#                  [SECTION <section>] [DEPENDS <packages>] [SUGGESTS <packages>] [RECOMMENDS <packages>])
macro(headroom_package component package)
  cmake_parse_arguments(arg "" "SUMMARY;COPYRIGHT;SECTION;DEPENDS;SUGGESTS;RECOMMENDS" "DESCRIPTION" ${ARGN})
  string(TOUPPER ${component} upper)
  list(APPEND CPACK_COMPONENTS_ALL ${component} ${component}_debian)
  set(CPACK_COMPONENT_${upper}_GROUP ${component})
  set(CPACK_COMPONENT_${upper}_DEBIAN_GROUP ${component})
  list(JOIN arg_DESCRIPTION "\n" description)
  set(CPACK_COMPONENT_${upper}_DESCRIPTION "${arg_SUMMARY}\n${description}")
  set(CPACK_DEBIAN_${upper}_PACKAGE_NAME ${package})
  foreach(key IN ITEMS SECTION DEPENDS SUGGESTS RECOMMENDS)
    if(arg_${key})
      set(CPACK_DEBIAN_${upper}_PACKAGE_${key} "${arg_${key}}")
    endif()
  endforeach()
  if(NOT arg_COPYRIGHT)
    set(arg_COPYRIGHT copyright)
  endif()
  install(FILES ${PROJECT_SOURCE_DIR}/cmake/debian/${arg_COPYRIGHT} DESTINATION share/doc/${package} RENAME copyright
          COMPONENT ${component}_debian EXCLUDE_FROM_ALL)
  install(FILES ${debian}/changelog.gz DESTINATION share/doc/${package}
          COMPONENT ${component}_debian EXCLUDE_FROM_ALL)
endmacro()

headroom_package(headroom headroom
  SUMMARY "memory-cost simulator and capacity planner for long-context transformers"
  DESCRIPTION
    "Predicts how long a context fits on a device, where the memory goes, and what"
    "would get you further. Measures jobs on the processor and holds records"
    "against their predictions."
  SUGGESTS "headroom-gui, headroom-mpi, bash-completion")
install(FILES ${debian}/headroom.1.gz DESTINATION share/man/man1 COMPONENT headroom_debian EXCLUDE_FROM_ALL)
# Where Debian's zsh looks below /usr.
install(FILES ${PROJECT_SOURCE_DIR}/cli/completion/_headroom DESTINATION share/zsh/vendor-completions
        COMPONENT headroom_debian EXCLUDE_FROM_ALL)

headroom_package(headroom_development libheadroom-dev
  SUMMARY "memory-cost simulator for long-context transformers - libraries"
  DESCRIPTION
    "Headers, static libraries and a CMake package: find_package(headroom),"
    "headroom::sim."
  SECTION libdevel
  DEPENDS "libfmt-dev, libc6-dev")

if(TARGET headroom_gui)
  headroom_package(headroom_gui headroom-gui
    SUMMARY "see where the memory of a training step goes"
    DESCRIPTION
      "A window over the predictions of headroom: bars, curves, timelines, measured"
      "beside predicted. This program is under the GPL version 3 as a whole, because"
      "it links QCustomPlot."
    COPYRIGHT copyright-gui)
endif()

set(same_version "headroom (= ${PROJECT_VERSION})")
if(TARGET headroom_measure_mpi_program)
  headroom_package(headroom_mpi headroom-mpi
    SUMMARY "measure the memory of a training step on several ranks"
    DESCRIPTION
      "Runs a job on ranks that exchange tensors over MPI and records what each of"
      "them allocates."
    DEPENDS "${same_version}, openmpi-bin")
endif()
if(TARGET headroom_measure_cuda_program)
  headroom_package(headroom_cuda headroom-cuda
    SUMMARY "measure the memory of a training step on an NVIDIA GPU"
    DESCRIPTION
      "Runs a job on a CUDA device with CUPTI as the witness and records what it"
      "allocates. Needs the CUDA libraries it was built with."
    DEPENDS "${same_version}"
    RECOMMENDS "libcublas-${CUDAToolkit_VERSION_MAJOR}-${CUDAToolkit_VERSION_MINOR}")
  # A toolkit outside of Debian's packages has no dependencies to be found; what else it needs comes with headroom.
  set(CPACK_DEBIAN_HEADROOM_CUDA_PACKAGE_SHLIBDEPS OFF)
endif()
include(CPack)
