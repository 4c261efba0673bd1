#include "embedding.h"

#include "crossing.h"
#include "linear.h"
#include "optimizer.h"
#include "synthetic.h"
#include "vocabulary.h"

namespace headroom::measure {
namespace {

constexpr std::uint64_t kDropoutPlace = 0;

void drop(const Run& run, const Tensor& x, EmbeddingState& state) {
  const kernels::Dropout dropout = run.dropout_at(kDropoutPlace);
  if (!dropout) return;
  state.mask = run.mask({"embedding dropout mask", Category::saved_activations}, run.seq());
  measure::drop(run, x.view(), state.mask.view(), x.view(), dropout, run.whole());
}

void mask_gradient(const Run& run, const kernels::View& dx, EmbeddingState& state) {
  const kernels::Dropout dropout = run.dropout_at(kDropoutPlace);
  if (!dropout) return;
  run.backend.dropout_backward(dx, dx, state.mask.view(), dropout);
  state.mask.dies();
}

}  // namespace

Tensor token_ids(const Run& run, const Label& label) {
  return run.memory.tensor(label, kernels::Type::int32, {run.batch(), run.product_seq(), 1});
}

void embed(const Run& run, const Weights& weights, const Tensor& ids, Tensor& x) {
  const Target target = whole_target(x, {"x", Category::saved_activations}, run.seq(), run.hidden());
  run.crossing.leave(run, target, [&](const kernels::View& out) {
    run.vocabulary.embed(run, out, weights.embedding.value.view(), ids.view());
  });
}

void add_positions(const Run& run, const Weights& weights, const Tensor& x) {
  if (!weights.positions) return;
  for_each_stretch(run, run.whole(), [&](const Rows& part, const kernels::Position& position) {
    run.backend.add_positions(x.rows(part), weights.positions->value.view(), position);
  });
}

void embedding_forward(const Run& run, Weights& weights, Works& works, EmbeddingState& state, Tensor& targets,
                       Tensor& x) {
  const std::int64_t batches = run.micro_batch * run.place.data_ranks + run.place.data_rank;
  state.ids = token_ids(run, {"token ids", Category::saved_activations});
  targets = token_ids(run, {"target ids", Category::head_and_loss});
  fill_tokens(run, state.ids, batches * run.batch(), 0);
  fill_tokens(run, targets, batches * run.batch(), 1);
  works.begin();
  embed(run, weights, state.ids, x);
  add_positions(run, weights, x);
  works.end();
  drop(run, x, state);
}

void embedding_backward(const Run& run, Weights& weights, EmbeddingState& state, Tensor& residual_gradient) {
  const kernels::View dx = residual_gradient.view();
  mask_gradient(run, dx, state);
  if (weights.positions) {
    for_each_stretch(run, run.whole(), [&](const Rows& part, const kernels::Position& position) {
      const kernels::Write write = write_gradient(run, *weights.positions);
      run.backend.add_positions_backward(weights.positions->gradient.view(), some_rows(dx, part), position, write);
    });
  }
  ProductInput d_embedded = run.crossing.enter(run, "gathered residual gradient", dx, &residual_gradient);
  const kernels::Write write = write_gradient(run, weights.embedding);
  run.vocabulary.embed_backward(run, weights.embedding.gradient.view(), d_embedded.view, state.ids.view(), write);
  d_embedded.end();
  state.ids.dies();
  finish_backward(run, embedding_unit(weights));
}

}  // namespace headroom::measure
