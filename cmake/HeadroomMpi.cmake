# HEADROOM_MPI_FOUND: whether jobs of several ranks can be measured. Nothing else needs MPI.
option(HEADROOM_MPI "Build the measurement of several ranks where OpenMPI is found" ON)

set(HEADROOM_MPI_FOUND FALSE)
if(NOT HEADROOM_MPI)
  message(STATUS "headroom: MPI is switched off (HEADROOM_MPI)")
else()
  set(MPI_CXX_SKIP_MPICXX TRUE)
  find_package(MPI 3.1 QUIET COMPONENTS CXX)
  if(MPI_CXX_FOUND AND MPIEXEC_EXECUTABLE)
    set(HEADROOM_MPI_FOUND TRUE)
    message(STATUS "headroom: MPI ${MPI_CXX_VERSION} (${MPIEXEC_EXECUTABLE})")
  else()
    message(STATUS
      "headroom: headroom-measure-mpi is left out; to build it, install OpenMPI (libopenmpi-dev openmpi-bin)")
  endif()
endif()
