#include "every_operation.h"

#include <deque>

namespace headroom::test {

namespace {

using namespace kernels;

constexpr std::int64_t kBatch = 2;
constexpr std::int64_t kRows = 200;
constexpr std::int64_t kHidden = 320;
constexpr std::int64_t kWide = 700;
constexpr std::int64_t kVocab = 90;
constexpr VocabularyPart kPart{20, 60};
constexpr Heads kHeads{5, 1, 64, true};
constexpr HeadStretch kStretch{kHeads.heads, kHeads.head_dim, 32, 32};
constexpr HeadStretch kWholeHeads{kHeads.heads, kHeads.head_dim, 0, kHeads.head_dim};
constexpr Dropout kDrop{0.2F, 7};
constexpr std::int64_t kExperts = 6;
constexpr std::int64_t kChosen = 2;
constexpr std::int64_t kCapacity = 100;
constexpr std::int64_t kBlocks = moment_blocks(kHidden * kWide);

/// Named tensors that stay where they are.
class Tensors {
 public:
  Tensors(Device& device, Type type) : device_(device), type_(type) {}

  /// A random input, or an output that begins random.
  View make(const std::string& name, Shape shape) { return make(name, shape, type_); }
  View make(const std::string& name, Shape shape, Type type) {
    tensors_.emplace_back(name, Operand(device_, type, shape));
    tensors_.back().second.random(static_cast<unsigned>(tensors_.size()));
    return tensors_.back().second;
  }
  View ids(const std::string& name) {
    const View view = make(name, {kBatch, kRows, 1}, Type::int32);
    Values values;
    for (std::int64_t i = 0; i < kBatch * kRows; ++i) values.push_back(static_cast<double>(i * 7 % kVocab));
    tensors_.back().second.set(values);
    return view;
  }

  [[nodiscard]] std::vector<std::pair<std::string, Values>> values() const {
    std::vector<std::pair<std::string, Values>> all;
    for (const auto& [name, tensor] : tensors_) all.emplace_back(name, tensor.values());
    return all;
  }

 private:
  Device& device_;
  Type type_;
  std::deque<std::pair<std::string, Operand>> tensors_;
};

/// The operands of a layer's operations, all alive at once.
struct Workbench {
  explicit Workbench(Tensors& t)
      : x(t.make("x", {kBatch, kRows, kHidden})),
        y(t.make("y", {kBatch, kRows, kHidden})),
        dx(t.make("dx", {kBatch, kRows, kHidden})),
        wide(t.make("wide", {kBatch, kRows, kWide})),
        gate(t.make("gate", {kBatch, kRows, kWide})),
        w(t.make("w", {1, kHidden, kWide})),
        dw(t.make("dw", {1, kHidden, kWide})),
        db(t.make("db", {1, 1, kWide})),
        gain(t.make("gain", {1, 1, kHidden})),
        d_gain(t.make("d_gain", {1, 1, kHidden})),
        statistics(t.make("statistics", {kBatch, kRows, 2}, Type::fp32)),
        table(t.make("table", {1, kRows, kHidden})),
        ids(t.ids("ids")),
        mask(t.make("mask", {kBatch, kRows, kHidden}, Type::uint8)),
        k(t.make("k", {kBatch, kRows, kHeads.head_dim})),
        v(t.make("v", {kBatch, kRows, kHeads.head_dim})),
        dk(t.make("dk", {kBatch, kRows, kHeads.head_dim}, Type::fp32)),
        dv(t.make("dv", {kBatch, kRows, kHeads.head_dim}, Type::fp32)),
        dq(t.make("dq", {kBatch, kRows, kHidden}, Type::fp32)),
        scores(t.make("scores", {kBatch * kHeads.heads, kRows, kRows})),
        d_scores(t.make("d_scores", {kBatch * kHeads.heads, kRows, kRows})),
        tile(t.make("tile", {kBatch * kHeads.heads, kRows, kRows}, Type::fp32)),
        d_tile(t.make("d_tile", {kBatch * kHeads.heads, kRows, kRows}, Type::fp32)),
        lse(t.make("lse", {kBatch, kHeads.heads, kRows}, Type::fp32)),
        delta(t.make("delta", {kBatch, kHeads.heads, kRows}, Type::fp32)),
        row_sum(t.make("row_sum", {kBatch, kHeads.heads, kRows}, Type::fp32)),
        sums(t.make("sums", {kBatch, kRows, kHidden}, Type::fp32)),
        loss(t.make("loss", {1, 1, 1}, Type::fp32)),
        logits(t.make("logits", {kBatch, kRows, kVocab})),
        part_logits(t.make("part_logits", {kBatch, kRows, kVocab})),
        vocab_max(t.make("vocab_max", {kBatch, kRows, 1}, Type::fp32)),
        vocab_sum(t.make("vocab_sum", {kBatch, kRows, 1}, Type::fp32)),
        target_logit(t.make("target_logit", {kBatch, kRows, 1}, Type::fp32)),
        master(t.make("master", {1, kHidden, kWide}, Type::fp32)),
        first(t.make("first moment", {1, kHidden, kWide})),
        second(t.make("second moment", {1, kHidden, kWide})),
        momentum(t.make("momentum", {1, kHidden, kWide})),
        first_codes(t.make("codes of the first moment", {1, kHidden, kWide}, Type::uint8)),
        second_codes(t.make("codes of the second moment", {1, kHidden, kWide}, Type::uint8)),
        first_scales(t.make("scales of the first moment", {1, 1, kBlocks}, Type::fp32)),
        second_scales(t.make("scales of the second moment", {1, 1, kBlocks}, Type::fp32)),
        expert_logits(t.make("expert_logits", {kBatch, kRows, kExperts}, Type::fp32)),
        experts(t.make("experts", {kBatch, kRows, kChosen}, Type::int32)),
        places(t.make("places", {kBatch, kRows, kChosen}, Type::int32)),
        weights(t.make("weights", {kBatch, kRows, kChosen}, Type::fp32)),
        first_places(t.make("first places", {1, 1, kExperts + 1}, Type::int32)),
        placed(t.make("placed", {1, kExperts * kCapacity, kHidden})),
        placed_wide(t.make("placed_wide", {1, kExperts * kCapacity, kWide})),
        expert_w(t.make("expert_w", {1, kExperts * kHidden, kWide})),
        expert_dw(t.make("expert_dw", {1, kExperts * kHidden, kWide})),
        expert_b(t.make("expert_b", {1, kExperts, kWide})),
        expert_db(t.make("expert_db", {1, kExperts, kWide})),
        row_gate(t.make("row_gate", {kBatch, kRows, 1}, Type::fp32)),
        d_row_gate(t.make("d_row_gate", {kBatch, kRows, 1}, Type::fp32)),
        rows(t.make("row averages", {1, 1, kHidden}, Type::fp32)),
        columns(t.make("column averages", {1, 1, kWide}, Type::fp32)),
        whole(t.make("whole second moment", {1, kHidden, kWide}, Type::fp32)) {}

  View x, y, dx, wide, gate, w, dw, db, gain, d_gain, statistics, table, ids, mask, k, v, dk, dv, dq, scores, d_scores,
      tile, d_tile, lse, delta, row_sum, sums, loss, logits, part_logits, vocab_max, vocab_sum, target_logit, master,
      first, second, momentum, first_codes, second_codes, first_scales, second_scales, expert_logits, experts, places,
      weights, first_places, placed, placed_wide, expert_w, expert_dw, expert_b, expert_db, row_gate, d_row_gate, rows,
      columns, whole;
};

void run_rows(Backend& b, const Workbench& t) {
  b.embed(t.x, t.table, t.ids);
  b.add_positions(t.x, t.table, {});
  b.norm(NormKind::layernorm, t.y, t.statistics, t.x, t.gain, t.gain);
  b.dropout(t.y, t.mask, t.y, kDrop, {});
  b.dropout_backward(t.dx, t.y, t.mask, kDrop);
  b.rope(t.y, kernels::whole_heads(kHeads.heads, kHeads.head_dim), {});
  b.rope_backward(t.dx, kernels::whole_heads(kHeads.heads, kHeads.head_dim), {});
  b.copy_heads(t.y, kStretch, t.x, kStretch);
  b.copy_heads(t.y, kStretch, t.k, {1, kHeads.head_dim, 16, 32});
  b.sum_heads(t.v, t.x, {kHeads.heads, kHeads.head_dim, 0, kHeads.head_dim});
  b.zero_heads(t.y, kStretch);
  b.head_product(t.y, kWholeHeads, t.x, kStretch, rows_of(t.table, 0, kStretch.dim));
  b.head_product_transposed(t.y, kStretch, t.x, kWholeHeads, rows_of(t.table, 0, kStretch.dim));
  b.norm_backward(NormKind::layernorm, t.dx, Write::add, t.d_gain, t.gain, Write::add, t.y, t.x, t.statistics, t.gain);
  b.add(t.dx, t.y);
  b.convert(t.sums, t.dx);
  b.embed_backward(t.table, t.dx, t.ids, Write::add);
  b.add_positions_backward(t.table, t.dx, {}, Write::set);
  b.embed_part(t.y, t.table, t.ids, kPart);
  b.embed_part_backward(t.table, t.dx, t.ids, kPart, Write::add);
}

void run_products(Backend& b, const Workbench& t) {
  b.product(t.wide, t.x, t.w, t.db, Write::add);
  b.product_transposed(t.y, t.wide, t.w, t.gain, Write::set);
  b.weight_gradient(t.dw, t.y, t.wide, Write::set);
  b.bias_gradient(t.db, t.wide, Write::set);
  b.activation(ActivationKind::swiglu, t.gate, t.gate, t.wide);
  b.activation_backward(ActivationKind::geglu, t.wide, t.gate, t.wide);
}

void run_experts(Backend& b, const Workbench& t) {
  const ExpertChoice choice{t.experts, t.places, t.weights, t.first_places};
  b.choose_experts(choice, t.expert_logits, {}, 0);
  b.choose_experts(choice, t.expert_logits, {}, kCapacity);
  b.place_rows(t.placed, t.x, t.places);
  b.expert_product(t.placed_wide, t.placed, t.expert_w, t.expert_b, t.first_places, Write::set);
  b.expert_product_transposed(t.placed, t.placed_wide, t.expert_w, t.first_places, Write::set);
  b.expert_weight_gradient(t.expert_dw, t.placed, t.placed_wide, t.first_places, Write::set);
  b.expert_bias_gradient(t.expert_db, t.placed_wide, t.first_places, Write::set);
  b.sum_places(t.y, t.placed, t.places, t.weights);
  b.sum_places_backward(t.placed, choice, t.x);
  b.expert_logits_gradient(t.expert_logits, t.weights, t.experts);
  b.sigmoid(t.row_gate);
  b.gate_rows(t.wide, t.row_gate);
  b.gate_rows_backward(t.d_row_gate, t.wide, t.gate, t.row_gate);
}

void run_vanilla(Backend& b, const Workbench& t) {
  b.attention_scores(t.scores, t.x, t.k, kHeads, {});
  b.attention_values(t.y, t.scores, t.v, kHeads);
  b.attention_values_backward_v(t.dv, t.scores, t.x, kHeads);
  b.attention_values_backward_scores(t.d_scores, t.x, t.v, kHeads);
  b.softmax_backward(t.d_scores, t.scores);
  b.attention_scores_backward_q(t.dq, t.d_scores, t.k, kHeads);
  b.attention_scores_backward_k(t.dk, t.d_scores, t.x, kHeads);
}

void run_tiled(Backend& b, const Workbench& t) {
  const AttentionBlock block{kHeads, {}, {}, kDrop};
  const AttentionSaved saved{t.x, t.k, t.v, t.x, t.lse, t.delta};
  b.flash(t.y, t.lse, t.x, t.k, t.v, block);
  b.attention_delta(t.delta, t.x, t.y, kHeads);
  b.flash_backward(t.dq, t.dk, t.dv, Write::set, saved, block);
  b.blocks_begin({t.lse, t.row_sum, t.sums});
  b.blocks_add({t.lse, t.row_sum, t.sums}, {}, t.x, t.k, t.v, block);
  b.blocks_add({t.lse, t.row_sum, t.sums}, t.tile, t.x, t.k, t.v, block);
  b.blocks_end(t.y, {t.lse, t.row_sum, t.sums});
  b.blocks_backward(t.dq, t.dk, t.dv, {}, {}, saved, block);
  b.blocks_backward(t.dq, t.dk, t.dv, t.tile, t.d_tile, saved, block);
}

void run_vocabulary(Backend& b, const Workbench& t) {
  b.vocabulary_max(t.vocab_max, t.part_logits, kPart);
  b.vocabulary_sums(t.vocab_sum, t.target_logit, t.part_logits, t.ids, t.vocab_max, kPart);
  b.vocabulary_cross_entropy(t.loss, Write::set, t.part_logits, t.ids, t.vocab_max, t.vocab_sum, t.target_logit, kPart,
                             kBatch * kRows, true);
}

void run_step(Backend& b, const Workbench& t) {
  b.cross_entropy(t.loss, Write::add, t.logits, t.ids, kBatch * kRows, true);
  b.zero(t.second);
  b.adamw(t.w, t.master, t.first, t.second, t.dw, {});
  b.adamw_8bit(t.w, t.master, {t.first_codes, t.first_scales}, {t.second_codes, t.second_scales}, t.dw, {});
  b.sgd(t.w, {}, t.momentum, t.dw, {});
  for (const View state : {t.rows, t.columns, t.whole}) b.zero(state);
  b.adafactor(t.w, t.master, {t.momentum, {}, t.rows, t.columns}, t.dw, {});
  b.adafactor(t.w, {}, {{}, t.whole, {}, {}}, t.dw, {});
  b.synchronize();
}

}  // namespace

std::vector<std::pair<std::string, Values>> run_every_operation(Device& device, Type type, void (*before)(),
                                                                void (*after)()) {
  Tensors tensors(device, type);
  const Workbench workbench(tensors);
  if (before != nullptr) before();
  for (const auto run : {run_rows, run_products, run_experts, run_vanilla, run_tiled, run_vocabulary, run_step})
    run(device.backend(), workbench);
  if (after != nullptr) after();
  return tensors.values();
}

}  // namespace headroom::test
