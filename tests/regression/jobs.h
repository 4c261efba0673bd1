#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include <headroom/models/job.h>

namespace headroom::test {

/// A job of the regression, with a name that tells it from the others.
struct NamedJob {
  std::string name;
  Job job;
};

/// How many there are.
inline constexpr std::size_t kLiveRows = 2695;

inline constexpr Recompute kRecomputes[] = {{RecomputeKind::none, 1},
                                            {RecomputeKind::selective, 1},
                                            {RecomputeKind::full, 1},
                                            {RecomputeKind::every, 2},
                                            {RecomputeKind::every, 3}};

/// What optimizers keep, but for the moments of which the other jobs are.
inline constexpr Optimizer kOptimizers[] = {
    {.states = StateDType::int8},
    {.kind = OptimizerKind::adafactor},
    {.kind = OptimizerKind::adafactor, .momentum = Momentum::bf16},
    {.kind = OptimizerKind::adafactor, .factored = false},
    {.kind = OptimizerKind::adafactor, .momentum = Momentum::bf16, .factored = false},
    {.kind = OptimizerKind::adafactor, .momentum = Momentum::fp32, .factored = false},
    {.kind = OptimizerKind::sgd, .momentum = Momentum::fp32},
    {.kind = OptimizerKind::sgd, .momentum = Momentum::bf16},
    {.states = StateDType::fp32}};

/// What layers may be made of beside a plain attention and feed-forward one behind the other.
struct Structure {
  const char* name;
  Residual residual = Residual::pre_norm;
  bool qk_norm = false;
  bool rotates_half = false;  ///< of each head
  std::optional<Experts> experts = {};
  std::optional<LatentAttention> latent = {};
};
[[nodiscard]] const std::vector<Structure>& structures();

/// Gives every layer the structure; the second norms of a style go where branches are parallel.
void choose_structure(Job& job, const Structure& structure);

/// A model's style, odd sizes and chunks; both go round with periods that share no factor. The method has no axes yet.
[[nodiscard]] Job styled_job(std::size_t turn);

/// Sets the optimizer. Beside 8-bit moments the feed-forward is wide enough that a quarter of a matrix has them, too,
/// and scales of a last block that is not full.
void choose_optimizer(Job& job, const Optimizer& optimizer);

/// Precision, optimizer, accumulation and dropout, which go round too.
void choose_training(Job& job, std::size_t turn);

/// Whether the prediction takes the combination; one that is refused is not measured either.
[[nodiscard]] bool is_accepted(const Job& job);

/// Every valid way to compute a layer (attention, feed-forward, keys and values) x recompute x head, twice: the other
/// choices (style, precision, optimizer, accumulation, dropout) and odd sizes (a sequence that is no multiple of the
/// chunk, a chunk longer than the sequence, one token, one layer, one head, several sequences, grouped heads) go round
/// beside them with periods that share no factor, so that each meets every method. Then
/// every method x recompute x precision x type of the moments once more, otherwise trained as by default. Then what
/// lives on the host of one rank, every optimizer, and every structure of layers.
[[nodiscard]] std::vector<NamedJob> regression_jobs();

}  // namespace headroom::test
