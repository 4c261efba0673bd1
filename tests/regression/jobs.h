#pragma once

#include <cstddef>
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
inline constexpr std::size_t kLiveRows = 1980;

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

/// A model's style, odd sizes and chunks; both go round with periods that share no factor. The method has no axes yet.
[[nodiscard]] Job styled_job(std::size_t turn);

/// Sets the optimizer. Beside 8-bit moments the feed-forward is wide enough that a quarter of a matrix has them, too,
/// and scales of a last block that is not full.
void choose_optimizer(Job& job, const Optimizer& optimizer);

/// Precision, optimizer, accumulation and dropout, which go round too.
void choose_training(Job& job, std::size_t turn);

/// Every valid way to compute a layer (attention, feed-forward, keys and values) x recompute x head, twice: the other
/// choices (style, precision, optimizer, accumulation, dropout) and odd sizes (a sequence that is no multiple of the
/// chunk, a chunk longer than the sequence, one token, one layer, one head, several sequences, grouped heads) go round
/// beside them with periods that share no factor, so that each meets every method. Then
/// every method x recompute x precision x type of the moments once more, otherwise trained as by default. Then what
/// lives on the host of one rank, and every optimizer.
[[nodiscard]] std::vector<NamedJob> regression_jobs();

}  // namespace headroom::test
