#include <headroom/measure/generator.h>

#include <utility>

#include "crossing.h"
#include "embedding.h"
#include "head.h"
#include "key_value_cache.h"
#include "layer.h"
#include "persistent.h"
#include "rank_model.h"
#include "runnable.h"
#include "synthetic.h"
#include "vocabulary.h"

namespace headroom::measure {
namespace {

/// What the instants of a pass are called.
struct PassInstants {
  std::string_view embedding;
  std::string_view layer;
  std::string_view head;
};

constexpr PassInstants kPrefill{"prefill embedding", "prefill layer", "prefill head"};
constexpr PassInstants kDecode{"decode embedding", "decode layer", "decode head"};

/// Some tokens of some sequences, behind the tokens in front of them.
struct TokenPass {
  PassInstants instants;
  Rows sequences;
  Rows tokens;
  bool gives_logits = true;  ///< of the last token of each sequence
};

/// Nothing is dropped at random.
Job without_dropout(Job job) {
  job.dropout = false;
  return job;
}

/// Births the first layer's input.
Tensor embedded(const Run& run, Weights& weights) {
  Tensor x;
  Tensor ids = token_ids(run, {"token ids", Category::saved_activations});
  fill_tokens(run, ids, run.place.data_rank * run.job.batch + run.sequences.first, 0);
  embed(run, weights, ids, x);
  ids.dies();
  add_positions(run, weights, x);
  return x;
}

/// Only the last token of each sequence is asked for; where there is one of each, they are the output itself.
Tensor last_rows(const Run& run, Tensor output) {
  if (run.seq() == 1) return output;
  Tensor rows = run.memory.tensor({"last rows", Category::head_and_loss}, run.compute, {run.batch(), 1, run.hidden()});
  run.backend.convert(rows.view(), output.rows({run.seq() - 1, 1}));
  output.dies();
  return rows;
}

/// Births the logits of the last rows, which die.
Tensor last_logits(const Run& run, Weights& weights, Tensor rows) {
  Normed normed = norm(run, kFinalNorm, rows.view(), weights.final_norm, kDiscard);
  rows.dies();
  const bool is_fp32 = run.job.method.head == Head::dense_fp32;
  return logits_of(run, weights, normed.output.view(), is_fp32 ? kernels::Type::fp32 : run.compute);
}

}  // namespace

struct Generator::State {
  RankModel model;
  kernels::Backend& backend;
  Memory& memory;
  Observer& observer;
  Communicator& communicator;
  KeyValueCache cache;

  State(kernels::Backend& on, Memory& in, const Job& job, const Training& how, Observer* seen_by, Communicator& ranks)
      : model(without_dropout(generating(job, ranks.all().size())), how, ranks.all().rank()),
        backend(on),
        memory(in),
        observer(observer_or_nobody(seen_by)),
        communicator(ranks) {}

  [[nodiscard]] Rows all_sequences() const { return {0, model.job.batch}; }
  [[nodiscard]] Rows all_tokens() const { return {0, model.job.seq.count()}; }

  /// Over these tokens of these sequences.
  [[nodiscard]] Run run_of(const Rows& sequences, const Rows& tokens) const {
    RankPlace place = model.place;
    place.tokens = place.product_tokens = TokenRun(tokens);
    return {backend,
            memory,
            {},
            model.job,
            model.training,
            observer,
            communicator,
            model.core.get(),
            &cache,
            crossing_of(place),
            vocabulary_of(place),
            place,
            sequences,
            model.compute_type(),
            chunks_of(model.job, tokens.count)};
  }

  void birth() {
    const Run run = run_of(all_sequences(), all_tokens());
    run.enter({"set-up", {}});
    birth_parameters(run, model.weights);
    cache.birth(memory, model.job, model.kinds);
  }

  void prefill() {
    for_each_block(model.job.batch, model.job.inference.prefill_batch, [&](const Rows& group) {
      for_each_block(model.job.seq.count(), prefill_chunk_of(model.job), [&](const Rows& chunk) {
        const bool is_last = chunk.first + chunk.count == model.job.seq.count();
        pass({kPrefill, group, chunk, is_last});
      });
    });
  }

  void decode() { pass({kDecode, all_sequences(), {model.job.seq.count() - 1, 1}, true}); }

  void pass(const TokenPass& of) {
    const Run run = run_of(of.sequences, of.tokens);
    run.enter({of.instants.embedding, {}});
    Tensor x = embedded(run, model.weights);
    for (std::size_t layer = 0; layer < model.kinds.size(); ++layer) {
      const auto index = static_cast<std::int64_t>(layer);
      run.enter({of.instants.layer, index});
      LayerState state;
      state.x = std::move(x);
      layer_way(run).forward({run, index, *model.kinds[layer], model.weights.layers[layer]}, state, kDiscard, false, x);
    }
    if (!of.gives_logits) return;
    run.enter({of.instants.head, {}});
    observer.has_logits(last_logits(run, model.weights, last_rows(run, std::move(x))));
  }
};

Generator::Generator(kernels::Backend& backend, Memory& memory, const Job& job, const Training& training,
                     Observer* observer, Communicator& communicator)
    : state_(std::make_unique<State>(backend, memory, job, training, observer, communicator)) {
  state_->birth();
}

Generator::~Generator() = default;

Weights& Generator::weights() { return state_->model.weights; }

void Generator::run() {
  state_->prefill();
  state_->decode();
  state_->backend.synchronize();
}

}  // namespace headroom::measure
