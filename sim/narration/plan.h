#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include <headroom/models/job.h>

#include "narration/schedule.h"
#include "narration/tensor.h"
#include "narration/weights.h"

namespace headroom::sim {

/// What a job fixes once, whatever its sequence length: built when a query starts, read by every narration.
struct JobPlan {
  explicit JobPlan(Job described);

  Job job;
  LayerSchedule schedule;
  ModelWeights model_weights;
  std::vector<LayerWeights> layer_weights;  ///< per layer kind
  WeightGroups outside_layers;              ///< of the parameters in model_weights
  std::vector<WeightGroups> layer_groups;   ///< per layer kind
  DType compute;
  bool keeps_forward;  ///< none, selective: forward leaves what backward reads
  bool keeps_scores;   ///< false under selective recompute
};

/// Chunk lengths in tokens at one sequence length, never longer than the sequence.
struct ChunkTokens {
  std::int64_t query;
  std::int64_t kv;
  std::int64_t ffn;
  std::int64_t head;
};

/// A plan at one sequence length: what a narration reads.
struct StepPlan {
  StepPlan(const JobPlan& job_plan, Tokens seq, const ChunkTokens& chunk_tokens)
      : fixed(job_plan), batch(job_plan.job.batch), s(seq.count()), chunk(chunk_tokens) {}

  const JobPlan& fixed;
  std::int64_t batch;
  std::int64_t s;
  ChunkTokens chunk;

  [[nodiscard]] const Job& job() const { return fixed.job; }
  [[nodiscard]] Extent whole() const { return {s, "s"}; }
};

}  // namespace headroom::sim
