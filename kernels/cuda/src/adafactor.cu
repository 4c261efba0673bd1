#include <algorithm>
#include <cmath>
#include <cstdint>

#include "adafactor_rules.h"
#include "column_sums.h"
#include "cuda_backend.h"
#include "parameter_pack.h"
#include "simt/linear.h"
#include "simt/reduce.h"

namespace headroom::kernels::cuda {

namespace {

using simt::kPack;
using simt::Pack;
using simt::PackAt;
using simt::Thread;

/// What the kernels of a step leave in the scratch memory for those behind them.
struct Passed {
  float* row_mean;   ///< of the row averages
  float* step_size;  ///< what an unclipped update is multiplied with
  float* squares;    ///< [blocks][2] sums of squares of the update and of the parameter

  static constexpr std::int64_t kMostBlocks = 1024;
};

/// The operands of a step, and the update that it would make.
struct AdafactorStep {
  View parameter;
  View master;
  AdafactorStates states;
  ConstView gradient;
  Adafactor settings;
  AdafactorRates rates;
  Passed passed;
  bool aligned = false;

  [[nodiscard]] HEADROOM_HD PackAt at(std::int64_t row, std::int64_t column) const {
    return simt::pack_at(row * parameter.width, column, parameter.width, aligned);
  }
  [[nodiscard]] HEADROOM_HD static float* fp32(const View& v) { return static_cast<float*>(v.data); }

  /// What a second moment becomes, or an average of it, whose squared gradient (or the average of these) is given.
  [[nodiscard]] HEADROOM_HD float moved(float moment, float square) const {
    return rates.keep * moment + rates.take * (square + settings.epsilon1);
  }

  /// gradient / sqrt(second moment), not yet clipped; 0 behind the row's end.
  [[nodiscard]] HEADROOM_HD Pack update(std::int64_t row, std::int64_t column) const {
    Pack u = simt::load(gradient.type, gradient.data, at(row, column));
    const PackAt at_moment =
        states.second_moment ? at(row, column) : simt::pack_at(0, column, parameter.width, aligned);
    const Pack moment =
        simt::load(Type::fp32, (states.second_moment ? states.second_moment : states.column_averages).data, at_moment);
    // Two roots: the product of the averages may be less than any float.
    const float root = states.second_moment ? 1 : std::sqrt(fp32(states.row_averages)[row] / *passed.row_mean);
    HEADROOM_UNROLL
    for (int j = 0; j < kPack; ++j) {
      if (j < at_moment.n) u.v[j] /= std::sqrt(moment.v[j]) * root;
    }
    return u;
  }
};

/// Packs of a matrix dealt out to a grid: rows to y, packs of a row to x.
struct PackGrid {
  static constexpr int kThreads = 256;

  template <class Body>
  HEADROOM_DEVICE static void for_each(Thread& thread, const View& matrix, const Body& body) {
    const std::int64_t first = (thread.block().x * kThreads + thread.thread()) * kPack;
    const std::int64_t step = thread.blocks().x * kThreads * kPack;
    for (std::int64_t row = thread.block().y; row < matrix.rows; row += thread.blocks().y) {
      for (std::int64_t column = first; column < matrix.width; column += step) body(row, column);
    }
  }

  [[nodiscard]] static simt::LaunchShape shape(const View& matrix, int shared_bytes) {
    const std::int64_t x = std::min(simt::parts_of(matrix.width, std::int64_t{kThreads} * kPack), Passed::kMostBlocks);
    const std::int64_t y = std::min(matrix.rows, Passed::kMostBlocks / std::max<std::int64_t>(x, 1));
    return {{x, y, 1}, kThreads, shared_bytes};
  }
};

/// A block for each row.
struct RowAverages {
  static constexpr int kThreads = 256;
  static constexpr int kMinBlocks = 1;

  AdafactorStep step;

  HEADROOM_DEVICE void operator()(Thread& thread) const {
    const std::int64_t row = thread.block().x, width = step.gradient.width;
    float sum = 0;
    for (std::int64_t i = simt::first_pack(thread); i < width; i += simt::pack_step(thread)) {
      const Pack g = simt::load(step.gradient.type, step.gradient.data, step.at(row, i));
      HEADROOM_UNROLL
      for (int j = 0; j < kPack; ++j) sum += g.v[j] * g.v[j];  // 0 behind the row's end
    }
    const float mean = simt::block_sum(thread, thread.shared<float>(), sum) / static_cast<float>(width);
    float& average = AdafactorStep::fp32(step.states.row_averages)[row];
    if (thread.thread() == 0) average = step.moved(average, mean);
  }
};

/// Squares of the gradient, of which the column averages take the sums.
struct SquareTerms {
  static constexpr int kSums = 1;

  AdafactorStep step;

  HEADROOM_HD void operator()(std::int64_t row, std::int64_t column, Pack (&terms)[kSums]) const {
    terms[0] = simt::load(step.gradient.type, step.gradient.data, step.at(row, column));
    HEADROOM_UNROLL
    for (float& g : terms[0].v) g *= g;
  }
};

/// x = scale * x + addend, fp32, one piece.
struct Affine {
  View x;
  float scale = 1;
  float addend = 0;

  HEADROOM_HD void operator()(std::int64_t /*entry*/, std::int64_t i, std::int64_t length) const {
    const PackAt at = simt::pack_at(0, i, length, false);
    Pack p = simt::load(Type::fp32, x.data, at);
    HEADROOM_UNROLL
    for (float& value : p.v) value = scale * value + addend;
    simt::store(Type::fp32, x.data, at, p);
  }
};

/// One block.
struct RowMean {
  static constexpr int kThreads = 256;
  static constexpr int kMinBlocks = 1;

  AdafactorStep step;

  HEADROOM_DEVICE void operator()(Thread& thread) const {
    const std::int64_t rows = step.parameter.rows;
    float sum = 0;
    for (std::int64_t i = thread.thread(); i < rows; i += kThreads) {
      sum += AdafactorStep::fp32(step.states.row_averages)[i];
    }
    sum = simt::block_sum(thread, thread.shared<float>(), sum);
    if (thread.thread() == 0) *step.passed.row_mean = sum / static_cast<float>(rows);
  }
};

/// A whole second moment takes the gradient.
struct SecondMoment {
  static constexpr int kThreads = PackGrid::kThreads;
  static constexpr int kMinBlocks = 1;

  AdafactorStep step;

  HEADROOM_DEVICE void operator()(Thread& thread) const {
    PackGrid::for_each(thread, step.parameter, [&](std::int64_t row, std::int64_t column) {
      const PackAt at = step.at(row, column);
      const Pack g = simt::load(step.gradient.type, step.gradient.data, at);
      Pack moment = simt::load(Type::fp32, step.states.second_moment.data, at);
      HEADROOM_UNROLL
      for (int j = 0; j < kPack; ++j) moment.v[j] = step.moved(moment.v[j], g.v[j] * g.v[j]);
      simt::store(Type::fp32, step.states.second_moment.data, at, moment);
    });
  }
};

/// Each block leaves its sums of squares.
struct SumSquares {
  static constexpr int kThreads = PackGrid::kThreads;
  static constexpr int kMinBlocks = 1;

  AdafactorStep step;

  HEADROOM_DEVICE void operator()(Thread& thread) const {
    const ConstView from = stepping(step.parameter, step.master);
    float updates = 0, parameters = 0;
    PackGrid::for_each(thread, step.parameter, [&](std::int64_t row, std::int64_t column) {
      const Pack u = step.update(row, column), p = simt::load(from.type, from.data, step.at(row, column));
      HEADROOM_UNROLL
      for (int j = 0; j < kPack; ++j) {
        updates += u.v[j] * u.v[j];
        parameters += p.v[j] * p.v[j];
      }
    });
    updates = simt::block_sum(thread, thread.shared<float>(), updates);
    parameters = simt::block_sum(thread, thread.shared<float>(), parameters);
    if (thread.thread() != 0) return;
    float* mine = step.passed.squares + 2 * (thread.block().y * thread.blocks().x + thread.block().x);
    mine[0] = updates;
    mine[1] = parameters;
  }
};

/// From the sums of all blocks: alpha / max(1, RMS(U) / d). One block.
struct StepSize {
  static constexpr int kThreads = 256;
  static constexpr int kMinBlocks = 1;

  AdafactorStep step;
  std::int64_t blocks = 0;

  HEADROOM_DEVICE void operator()(Thread& thread) const {
    float updates = 0, parameters = 0;
    for (std::int64_t i = thread.thread(); i < blocks; i += kThreads) {
      updates += step.passed.squares[2 * i];
      parameters += step.passed.squares[2 * i + 1];
    }
    updates = simt::block_sum(thread, thread.shared<float>(), updates);
    parameters = simt::block_sum(thread, thread.shared<float>(), parameters);
    if (thread.thread() != 0) return;
    const auto elements = static_cast<float>(step.parameter.elements());
    const float alpha = fmaxf(step.settings.epsilon2, std::sqrt(parameters / elements)) * step.rates.rho;
    *step.passed.step_size = alpha / fmaxf(1, std::sqrt(updates / elements) / step.settings.clip);
  }
};

/// The update once more, clipped.
struct TakeStep {
  static constexpr int kThreads = PackGrid::kThreads;
  static constexpr int kMinBlocks = 1;

  AdafactorStep step;

  HEADROOM_DEVICE void operator()(Thread& thread) const {
    PackGrid::for_each(thread, step.parameter, [&](std::int64_t row, std::int64_t column) { take(row, column); });
  }

  HEADROOM_DEVICE void take(std::int64_t row, std::int64_t column) const {
    const PackAt at = step.at(row, column);
    const ConstView from = stepping(step.parameter, step.master);
    Pack u = step.update(row, column);
    HEADROOM_UNROLL
    for (float& value : u.v) value *= *step.passed.step_size;
    if (step.states.momentum) average(at, u);
    Pack p = simt::load(from.type, from.data, at);
    HEADROOM_UNROLL
    for (int j = 0; j < kPack; ++j) p.v[j] -= u.v[j];
    store_parameter(step.parameter, step.master, at, at, p);
  }

  HEADROOM_DEVICE void average(const PackAt& at, Pack& u) const {
    const View& momentum = step.states.momentum;
    const Pack before = simt::load(momentum.type, momentum.data, at);
    const float beta = step.settings.momentum;
    HEADROOM_UNROLL
    for (int j = 0; j < kPack; ++j) u.v[j] = beta * before.v[j] + (1 - beta) * u.v[j];
    simt::store(momentum.type, momentum.data, at, u);
  }
};

/// averages = beta2 averages + (1 - beta2) (sums / rows + epsilon1), through sums in the place of the averages: they
/// may be longer than the scratch memory.
void update_column_averages(simt::Stream stream, const Scratch& scratch, const AdafactorStep& step) {
  const View& averages = step.states.column_averages;
  const float each = step.rates.take / static_cast<float>(step.parameter.rows);
  simt::launch_linear(stream, averages, Affine{averages, step.rates.keep / each, 0});
  sum_columns(stream, scratch, SquareTerms{step}, step.parameter.rows, step.parameter.width,
              {{averages, {}}, Write::add});
  simt::launch_linear(stream, averages, Affine{averages, each, step.rates.take * step.settings.epsilon1});
}

}  // namespace

void CudaBackend::adafactor(View parameter, View master, const AdafactorStates& states, ConstView gradient,
                            const Adafactor& settings) {
  check_adafactor(parameter, master, states, gradient, settings);
  const AdafactorStep step{parameter,
                           master,
                           states,
                           gradient,
                           settings,
                           adafactor_rates(settings),
                           {scratch_.data, scratch_.data + 1, scratch_.data + 2},
                           simt::have_aligned_rows(parameter, master, states.momentum, states.second_moment,
                                                   states.column_averages, gradient)};
  const simt::LaunchShape grid = PackGrid::shape(parameter, simt::kReduceBytes);
  const simt::LaunchShape one_block{{1, 1, 1}, RowMean::kThreads, simt::kReduceBytes};
  if (states.second_moment) {
    launch(grid, SecondMoment{step});
  } else {
    launch(simt::one_block_each_row(parameter.rows, parameter.width, kPack, RowAverages::kThreads, simt::kReduceBytes),
           RowAverages{step});
    update_column_averages(stream_, scratch_, step);
    launch(one_block, RowMean{step});
  }
  launch(grid, SumSquares{step});
  launch(one_block, StepSize{step, grid.blocks.x * grid.blocks.y});
  launch(grid, TakeStep{step});
}

}  // namespace headroom::kernels::cuda
