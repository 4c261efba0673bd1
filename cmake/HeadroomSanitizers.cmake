# Applied to the whole tree: code with and without container annotations must not meet in one program.
set(HEADROOM_SANITIZERS "" CACHE STRING "Sanitizers to build with, for example address,undefined")

if(HEADROOM_SANITIZERS)
  message(STATUS "headroom: sanitizers ${HEADROOM_SANITIZERS}")
  add_compile_options(-fsanitize=${HEADROOM_SANITIZERS} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${HEADROOM_SANITIZERS})
endif()
