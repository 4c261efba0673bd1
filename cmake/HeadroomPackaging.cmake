# Debian packages of the command line program and, where they are built, of the window and of the measurement on ranks:
# cmake --workflow --preset deb
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME headroom)
set(CPACK_PACKAGE_CONTACT "headroom maintainers <maintainers@headroom.invalid>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "Memory-cost simulator and capacity planner for long-context transformers")
set(CPACK_PACKAGE_DESCRIPTION "Predicts how long a context fits on a device, where the memory goes,\n\
and what would get you further.")
set(CPACK_RESOURCE_FILE_LICENSE ${PROJECT_SOURCE_DIR}/LICENSE)
set(CPACK_STRIP_FILES ON)

# Each component is a package, so that the command line program asks for no Qt and no MPI.
set(CPACK_COMPONENTS_ALL headroom)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_COMPONENTS_GROUPING IGNORE)
set(CPACK_DEBIAN_HEADROOM_PACKAGE_NAME headroom)
set(CPACK_COMPONENT_HEADROOM_DESCRIPTION ${CPACK_PACKAGE_DESCRIPTION})
if(TARGET headroom_gui)
  list(APPEND CPACK_COMPONENTS_ALL headroom_gui)
  set(CPACK_DEBIAN_HEADROOM_GUI_PACKAGE_NAME headroom-gui)
  set(CPACK_COMPONENT_HEADROOM_GUI_DESCRIPTION "See where the memory of a training step goes\nA window over the \
predictions of headroom: bars, curves, timelines, measured beside predicted.")
endif()
if(TARGET headroom_measure_mpi_program)
  list(APPEND CPACK_COMPONENTS_ALL headroom_mpi)
  set(CPACK_DEBIAN_HEADROOM_MPI_PACKAGE_NAME headroom-mpi)
  set(CPACK_DEBIAN_HEADROOM_MPI_PACKAGE_DEPENDS openmpi-bin)
  set(CPACK_COMPONENT_HEADROOM_MPI_DESCRIPTION "Measure the memory of a training step on several ranks\nRuns a job on \
ranks that exchange tensors over MPI and records what each of them allocates.")
endif()
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION science)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
include(CPack)
