#pragma once

#include <algorithm>
#include <cstdint>

#include <headroom/models/job.h>

namespace headroom::sim {

/// One stage of a pipeline, or all of the job where there is none (docs/runtime.md section 10.4).
struct Stage {
  std::int64_t index = 0;
  std::int64_t stages = 1;         ///< p
  std::int64_t chunks = 1;         ///< m: runs of layers of each stage
  std::int64_t micro_batches = 1;  ///< n

  [[nodiscard]] bool has_embedding() const { return index == 0; }
  [[nodiscard]] bool has_head() const { return index == stages - 1; }
};

/// The stages of a job's pipeline; one where it has none.
[[nodiscard]] inline Stage stage_of(const Job& job, std::int64_t index) {
  if (job.degrees.pipeline == 1) return {};
  return {index, job.degrees.pipeline, job.model_chunks, job.micro_batches};
}

/// The order of a stage's forwards and backwards, one of a run and a micro-batch each: forwards first, then one forward
/// and one backward by turns (1F1B), then backwards (Narayanan et al., arXiv 2104.04473 section 2.2).
class PipelineSchedule {
 public:
  explicit PipelineSchedule(const Stage& stage)
      : stage_(stage), all_(stage.micro_batches * stage.chunks), ahead_(std::min(all_, most_ahead(stage))) {}

  /// Forwards, and as many backwards.
  [[nodiscard]] std::int64_t all() const { return all_; }
  /// Forwards before the first backward's own one.
  [[nodiscard]] std::int64_t ahead() const { return ahead_; }
  /// Which of the stage's runs the k-th forward or backward is of.
  [[nodiscard]] std::int64_t forward_run(std::int64_t k) const { return k / width() % stage_.chunks; }
  [[nodiscard]] std::int64_t backward_run(std::int64_t k) const { return stage_.chunks - 1 - forward_run(k); }
  /// The first behind the k-th that may be of another run.
  [[nodiscard]] std::int64_t next_change(std::int64_t k) const {
    return stage_.chunks == 1 ? std::max(all_, k + 1) : (k / width() + 1) * width();
  }
  /// Forwards behind which the runs come in the same order again.
  [[nodiscard]] std::int64_t period() const { return width() * stage_.chunks; }

 private:
  [[nodiscard]] std::int64_t width() const { return stage_.chunks == 1 ? 1 : stage_.stages; }
  [[nodiscard]] static std::int64_t most_ahead(const Stage& stage) {
    const std::int64_t behind = stage.stages - 1 - stage.index;
    return stage.chunks == 1 ? behind : 2 * behind + (stage.chunks - 1) * stage.stages;
  }

  Stage stage_;
  std::int64_t all_;
  std::int64_t ahead_;
};

}  // namespace headroom::sim
