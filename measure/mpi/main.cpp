#include "launcher.h"
#include "program.h"
#include "rank_program.h"

namespace {

int run_program(int argc, const char* const* argv) {
  using namespace headroom::measure::mpi;
  const CommandLine line = parse_line(argc, argv);
  if (line.exit_code) return *line.exit_code;
  return is_rank() ? run_rank(line.options) : launch_ranks(line.options, argc, argv);
}

}  // namespace

int main(int argc, char** argv) {
  return headroom::measure::guarded(headroom::measure::mpi::kProgramName, [=] { return run_program(argc, argv); });
}
