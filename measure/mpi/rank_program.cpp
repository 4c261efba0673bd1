#include "rank_program.h"

#include <csignal>
#include <cstdlib>

#include <fmt/format.h>
#include <sys/prctl.h>

#include <headroom/measure/witness.h>
#include <headroom/models/error.h>

#include "board.h"
#include "emptied.h"
#include "exit_codes.h"
#include "gathered_record.h"
#include "mpi_communicator.h"
#include "program.h"
#include "run.h"
#include "watchdog.h"

namespace headroom::measure::mpi {
namespace {

/// A rank does not outlive the mpirun that started it.
void end_with_parent() { ::prctl(PR_SET_PDEATHSIG, SIGKILL); }

void require_ranks_present(const Options& options) {
  const std::int64_t present = Session::ranks();
  if (options.ranks == 0 || options.ranks == present) return;
  throw InputError(fmt::format("--ranks is {}, and mpirun has started {}", options.ranks, present));
}

/// One line of progress is enough for all ranks.
MeasureOptions options_of_rank(const Options& options, Board& board) {
  MeasureOptions result = measure_options(options);
  const auto tell = Session::rank() == 0 ? result.progress : nullptr;
  result.progress = [&board, tell](const Progress& progress) {
    board.progress(false);
    if (tell) tell(progress);
  };
  return result;
}

Record run_job(const Job& job, const Options& options, Board& board, const Exchange& exchange) {
  require_runnable(job, {}, Session::ranks());
  MpiCommunicator communicator(place_of(job, Session::rank()), exchange);
  return host::run(job, options, options_of_rank(options, board), communicator);
}

void measure_rank(Options options) {
  require_ranks_present(options);
  options.threads = threads_per_rank(options, Session::ranks());
  Board board;
  const Watchdog watchdog(board, options.timeout, Session::rank() == 0 && std::getenv(kLauncherVariable) != nullptr);
  Exchange exchange;
  exchange.waiting = [&board](bool waits) { board.progress(waits); };
  const Job job = job_of(options.job);
  if (Session::rank() == 0) require_writable(options.record);
  Options unlimited = options;
  unlimited.limit.clear();
  unlimited.progress = false;
  (void)run_job(emptied(job), unlimited, board, exchange);
  const Bytes baseline = peak_resident();
  Record record = run_job(job, options, board, exchange);
  record.witness = Witness{std::string(kResidentSetWitness), peak_resident(), baseline};
  board.progress(true);
  const std::vector<Record> records = gather_records(record);
  board.progress(false);
  if (Session::rank() == 0) deliver(record_of_all(records), options.record);
}

}  // namespace

bool is_rank() { return std::getenv("OMPI_COMM_WORLD_SIZE") != nullptr; }

int run_rank(const Options& options) {
  end_with_parent();
  const Session session;
  const std::string name = fmt::format("{}: rank {}", kProgramName, Session::rank());
  const int code = guarded(name.c_str(), [&] {
    measure_rank(options);
    return kOk;
  });
  if (code != kOk) MPI_Abort(MPI_COMM_WORLD, code);
  return code;
}

}  // namespace headroom::measure::mpi
