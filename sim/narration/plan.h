#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include <headroom/models/job.h>

#include "narration/ranks.h"
#include "narration/schedule.h"
#include "narration/tensor.h"
#include "narration/weights.h"

namespace headroom::sim {

/// What a job fixes once, whatever its sequence length: built when a query starts, read by every narration.
struct JobPlan {
  explicit JobPlan(Job described);

  Job job;
  Ranks ranks;
  Method method;  ///< as the ranks run it
  LayerSchedule schedule;
  StateKeeping states;
  ModelWeights model_weights;
  std::vector<LayerWeights> layer_weights;  ///< per layer kind
  WeightGroups outside_layers;              ///< of the parameters in model_weights
  TensorGroup head_unit;                    ///< whole parameters that the head gathers, under ZeRO-3
  std::vector<WeightGroups> layer_groups;   ///< per layer kind
  DType compute;
  bool keeps_forward;  ///< none, selective: forward leaves what backward reads
  bool keeps_scores;   ///< false under selective recompute
};

/// Chunk lengths in tokens at one sequence length, never longer than what they cut.
struct ChunkTokens {
  std::int64_t query;
  std::int64_t kv;
  std::int64_t ffn;
  std::int64_t head;
};

/// A plan at one sequence length: what a narration reads.
struct StepPlan {
  /// `seq` is a multiple of the sequence ranks.
  StepPlan(const JobPlan& job_plan, Tokens seq, const ChunkTokens& chunk_tokens)
      : fixed(job_plan),
        batch(job_plan.job.batch),
        all(seq.count()),
        s(all / job_plan.ranks.runs),
        chunk(chunk_tokens) {}

  const JobPlan& fixed;
  std::int64_t batch;
  std::int64_t all;  ///< tokens of the whole sequence
  std::int64_t s;    ///< of the rank's run
  ChunkTokens chunk;

  [[nodiscard]] const Job& job() const { return fixed.job; }
  /// The rank's run: all that a step spans but attention.
  [[nodiscard]] Extent whole() const { return {s, fixed.ranks.runs > 1 ? "s/N" : "s"}; }
};

}  // namespace headroom::sim
