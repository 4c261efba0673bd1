#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include <headroom/models/job.h>
#include <headroom/sim/chunks.h>

#include "narration/pipeline.h"
#include "narration/ranks.h"
#include "narration/schedule.h"
#include "narration/tensor.h"
#include "narration/weights.h"
#include "narration/works.h"

namespace headroom::sim {

/// The job with nothing that its mode does not read: inference runs layer by layer, keeps nothing for backward, and has
/// parameters alone.
[[nodiscard]] Job as_run(Job job);

/// Consecutive layers that a stage runs together: all of them where there is no pipeline.
struct StageRun {
  std::int64_t first_layer;
  LayerSchedule schedule;  ///< counts its layers from 0
  Works works;             ///< of the same layers
};

/// What a job fixes once, whatever its sequence length: built when a query starts, read by every narration. Where the
/// job has a pipeline it is the plan of one stage.
struct JobPlan {
  explicit JobPlan(Job described, std::int64_t stage_index = 0);

  Job job;  ///< as it is run: in inference without what that does not read
  Stage stage;
  Ranks ranks;
  Method method;                       ///< as the ranks run it
  std::vector<LayerPart> layer_parts;  ///< per layer kind
  StateKeeping states;
  std::vector<StageRun> runs;
  ModelWeights model_weights;
  std::vector<LayerWeights> layer_weights;  ///< per layer kind
  WeightGroups outside_layers;              ///< of the parameters in model_weights
  TensorGroup head_unit;                    ///< whole parameters that the head reads
  std::vector<WeightGroups> layer_groups;   ///< per layer kind
  DType compute;
  bool keeps_forward;  ///< none, selective: forward leaves what backward reads
  bool keeps_scores;   ///< false under selective recompute

  /// Whether the embedding's gradient is first written by the head.
  [[nodiscard]] bool head_writes_embedding() const { return job.model.tied_embeddings && stage.has_head(); }
};

/// Chunk lengths in tokens at one sequence length, never longer than what they cut.
struct ChunkTokens {
  std::int64_t query;
  std::int64_t kv;
  std::int64_t ffn;
  std::int64_t head;
};

/// How many tokens a chunk has of a length: chunk_tokens, or a bound on it.
using ChunkLength = Tokens (*)(const Job&, const Chunk&, ChunkAxis, Tokens);

/// A training step, or what a pass of inference is for: keys and values go into the cache.
enum class Phase : std::uint8_t { step, prefill, decode };

/// A plan at one sequence length, or of one pass of inference: what a narration reads.
struct StepPlan {
  /// `seq` is a multiple of the sequence ranks.
  StepPlan(const JobPlan& job_plan, Tokens seq, ChunkLength chunk_length, const ChunkTokens& chunk_tokens)
      : fixed(job_plan),
        batch(job_plan.job.batch),
        all(seq.count()),
        s(all / job_plan.ranks.runs),
        length(chunk_length),
        chunk(chunk_tokens) {}

  const JobPlan& fixed;
  std::int64_t batch;
  std::int64_t all;  ///< tokens of the whole sequence
  std::int64_t s;    ///< of the rank's run; of a pass
  ChunkLength length;
  ChunkTokens chunk;
  Phase phase = Phase::step;
  std::int64_t past = 0;              ///< tokens of each sequence that are in the cache already
  const char* symbol = "s";           ///< what s is known by where the rank has whole sequences
  bool counts_row_statistics = true;  ///< of the logits; a bound over chunk lengths does not

  [[nodiscard]] const Job& job() const { return fixed.job; }
  /// The rank's run: all that a step spans but attention, and the products under Megatron-SP.
  [[nodiscard]] Extent whole() const {
    return {s, fixed.ranks.runs == 1 ? symbol : fixed.ranks.splits_tokens ? "s/t" : "s/N"};
  }
  [[nodiscard]] bool caches() const { return phase != Phase::step; }
  /// What `rows` of every rank of the tensor group are together.
  [[nodiscard]] Extent grouped(Extent rows) const {
    if (!fixed.ranks.splits_tokens) return rows;
    return {rows.tokens * fixed.ranks.tensor, {rows.tokens == s ? "s" : "t·c", rows.symbol.parts}};
  }
};

/// Throws InputError where the ranks cannot share `seq` tokens evenly.
[[nodiscard]] StepPlan step_plan(const JobPlan& plan, Tokens seq, ChunkLength length);

/// A pass of prefill over `tokens` of each of some sequences, behind the `past` ones (docs/runtime.md section 13).
[[nodiscard]] StepPlan prefill_plan(const StepPlan& inference, std::int64_t sequences, std::int64_t past,
                                    std::int64_t tokens);
/// The pass of the last token of every sequence.
[[nodiscard]] StepPlan decode_plan(const StepPlan& inference);
/// Tokens of each prompt that a pass of prefill takes, but for the last.
[[nodiscard]] std::int64_t prefill_tokens(const StepPlan& inference);

}  // namespace headroom::sim
