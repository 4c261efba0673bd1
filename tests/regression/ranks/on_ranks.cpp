#include "on_ranks.h"

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include <mpi_communicator.h>

#include <headroom/kernels/host/host.h>
#include <headroom/measure/host_resource.h>
#include <headroom/measure/measurement.h>
#include <headroom/measure/workspace.h>

namespace headroom::test {

std::int64_t ranks_present() { return measure::mpi::Session::ranks(); }
std::int64_t this_rank() { return measure::mpi::Session::rank(); }

Record measured_on_this_rank(const Job& job, std::optional<Bytes> limit) {
  measure::HostResource resource;
  const measure::Workspace workspace(resource, kernels::kHostWorkspacePerThread);
  const auto backend = kernels::make_host_backend(1, workspace.span());
  const measure::mpi::Exchange exchange;
  measure::mpi::MpiCommunicator communicator(measure::place_of(job, this_rank()), exchange);
  measure::MeasureOptions options;
  options.timeline = true;
  options.limit = limit;
  Record record = measure::measure(*backend, resource, job, options, communicator);
  for (std::int64_t rank = 0; rank < rank_count(job.degrees); ++rank) {
    record.ranks.push_back({rank, record.allocated, record.host, {}, {}});
  }
  record.ranks.at(static_cast<std::size_t>(this_rank())).sent = record.sent;
  return record;
}

}  // namespace headroom::test
