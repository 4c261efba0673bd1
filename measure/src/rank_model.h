#pragma once

#include <vector>

#include "distributed_cores.h"
#include "run.h"

namespace headroom::measure {

/// What a rank has of a job's model, and how it computes its layers.
struct RankModel {
  RankModel(const Job& of, const Training& how, std::int64_t rank);
  RankModel(const RankModel&) = delete;
  RankModel& operator=(const RankModel&) = delete;

  Job job;
  Training training;
  RankPlace place;
  Transformer part;  ///< the layers that the rank has
  std::vector<const LayerKind*> kinds;
  CoreOfJob core;
  Weights weights;

  [[nodiscard]] kernels::Type compute_type() const {
    return job.precision == Precision::fp32 ? kernels::Type::fp32 : kernels::Type::bf16;
  }
};

/// `observer`, or one that sees nothing.
[[nodiscard]] Observer& observer_or_nobody(Observer* observer);

}  // namespace headroom::measure
