// Every rank runs every case, all in the same order.

#if __has_include(<catch2/catch_session.hpp>)
#include <catch2/catch_session.hpp>
#else
#define CATCH_CONFIG_RUNNER
#include <catch2/catch.hpp>
#endif

#include <mpi_communicator.h>

int main(int argc, char* argv[]) {
  const headroom::measure::mpi::Session session;
  return Catch::Session().run(argc, argv);
}
