# The component `headroom` is the program, `headroom_gui` the window, `headroom_mpi` the measurement on ranks,
# `headroom_development` the libraries, headers and CMake package.
include(CMakePackageConfigHelpers)
set(HEADROOM_PACKAGE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/headroom)

install(TARGETS headroom_cli RUNTIME COMPONENT headroom)
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT headroom)

if(TARGET headroom_gui)
  set(data ${PROJECT_SOURCE_DIR}/gui/data)
  install(TARGETS headroom_gui RUNTIME COMPONENT headroom_gui)
  install(FILES ${data}/headroom-gui.desktop DESTINATION ${CMAKE_INSTALL_DATADIR}/applications COMPONENT headroom_gui)
  install(FILES ${data}/headroom.svg DESTINATION ${CMAKE_INSTALL_DATADIR}/icons/hicolor/scalable/apps
          RENAME headroom-gui.svg COMPONENT headroom_gui)
  install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/headroom-gui
          COMPONENT headroom_gui)
endif()
if(TARGET headroom_measure_mpi_program)
  install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/headroom-mpi COMPONENT headroom_mpi)
endif()

install(EXPORT headroomTargets NAMESPACE headroom:: DESTINATION ${HEADROOM_PACKAGE_DIR} COMPONENT headroom_development)
configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/headroomConfig.cmake.in
  ${PROJECT_BINARY_DIR}/headroomConfig.cmake INSTALL_DESTINATION ${HEADROOM_PACKAGE_DIR})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/headroomConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/headroomConfig.cmake ${PROJECT_BINARY_DIR}/headroomConfigVersion.cmake
  DESTINATION ${HEADROOM_PACKAGE_DIR} COMPONENT headroom_development)
