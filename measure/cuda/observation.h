#pragma once

#include <memory>
#include <optional>
#include <vector>

#include <headroom/measure/measurement.h>
#include <headroom/models/record.h>

#include "cuda_resource.h"
#include "device_observer.h"
#include "options.h"

namespace headroom::measure::cuda {

/// CUPTI beside one measurement, if it can be had: marks the instants and fills the record's part.
class Observation {
 public:
  /// Starts; before the process has a context. Without CUPTI a note says why.
  explicit Observation(const Options& options);

  void watch(cudaMemPool_t pool);
  /// Marks each instant from now on, in front of what `options` does there already.
  void mark_instants(MeasureOptions& options);
  /// Stops and writes witness, trace, version and notes into the record.
  void finish(const CudaResource& resource, Record& record);

 private:
  std::unique_ptr<DeviceObserver> observer_;
  std::vector<Marker> markers_;
  std::vector<std::string> notes_;
};

}  // namespace headroom::measure::cuda
