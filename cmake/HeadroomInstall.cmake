# Components: `headroom` is the program and the measurement on the processor; `headroom_gui` the window; `headroom_mpi`
# and `headroom_cuda` the measurements on ranks and on GPUs; `headroom_development` the libraries, headers and CMake
# package. `headroom_unpackaged` is what Debian packages have in another form (cmake/HeadroomPackaging.cmake).
include(CMakePackageConfigHelpers)
set(HEADROOM_PACKAGE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/headroom)

install(TARGETS headroom_cli RUNTIME COMPONENT headroom)
set(completion ${PROJECT_SOURCE_DIR}/cli/completion)
install(FILES ${completion}/headroom.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions
        RENAME headroom COMPONENT headroom)
install(FILES ${completion}/headroom.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d
        COMPONENT headroom)
install(FILES ${completion}/_headroom DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions
        COMPONENT headroom_unpackaged)
install(FILES ${PROJECT_BINARY_DIR}/man/headroom.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1
        COMPONENT headroom_unpackaged)
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT headroom_unpackaged)

if(TARGET headroom_gui)
  set(data ${PROJECT_SOURCE_DIR}/gui/data)
  install(TARGETS headroom_gui RUNTIME COMPONENT headroom_gui)
  install(FILES ${data}/headroom-gui.desktop DESTINATION ${CMAKE_INSTALL_DATADIR}/applications COMPONENT headroom_gui)
  install(FILES ${data}/headroom.svg DESTINATION ${CMAKE_INSTALL_DATADIR}/icons/hicolor/scalable/apps
          RENAME headroom-gui.svg COMPONENT headroom_gui)
endif()

install(EXPORT headroomTargets NAMESPACE headroom:: DESTINATION ${HEADROOM_PACKAGE_DIR} COMPONENT headroom_development)
if(TARGET headroom_kernels_cuda)
  install(EXPORT headroomCudaTargets NAMESPACE headroom:: DESTINATION ${HEADROOM_PACKAGE_DIR}
          COMPONENT headroom_development)
endif()
configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/headroomConfig.cmake.in
  ${PROJECT_BINARY_DIR}/headroomConfig.cmake INSTALL_DESTINATION ${HEADROOM_PACKAGE_DIR})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/headroomConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/headroomConfig.cmake ${PROJECT_BINARY_DIR}/headroomConfigVersion.cmake
  DESTINATION ${HEADROOM_PACKAGE_DIR} COMPONENT headroom_development)
