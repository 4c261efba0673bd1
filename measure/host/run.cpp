#include "run.h"

#include <headroom/kernels/host/host.h>
#include <headroom/measure/host_resource.h>
#include <headroom/measure/measurement.h>
#include <headroom/measure/workspace.h>

#include "machine.h"

namespace headroom::measure::host {

Record run(const Job& job, const ProgramOptions& options, const MeasureOptions& how, Communicator& communicator) {
  HostResource resource;
  const Workspace workspace(resource, options.threads * static_cast<std::int64_t>(kernels::kHostWorkspacePerThread));
  const auto backend = kernels::make_host_backend(options.threads, workspace.span());
  Record record = measure(*backend, resource, job, how, communicator);
  record.device = processor_name();
  record.threads = options.threads;
  record.software = software();
  record.workspace = Bytes(static_cast<std::int64_t>(workspace.span().size()));
  return record;
}

}  // namespace headroom::measure::host
