#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include <headroom/kernels/backend.h>

#include "products.h"
#include "simt/launch.h"
#include "vocabulary_rules.h"

namespace headroom::kernels::cuda {

/// What kernels may find wrong in the contents of their operands.
enum class Fault : std::uint8_t {
  embed,
  embed_backward,
  embed_part,
  embed_part_backward,
  cross_entropy,
  vocabulary_sums,
  vocabulary_cross_entropy
};
inline constexpr int kFaults = 7;

/// Memory for what the kernels of one operation pass on to each other.
struct Scratch {
  float* data = nullptr;
  std::int64_t floats = 0;
};

/// The operations are defined in one file per family, each compiled twice: by nvcc for the device, and by the C++
/// compiler for the emulator (simt/), which is what the tests run where there is no device.
class CudaBackend : public Backend {
 public:
  /// Of the workspace, kFaultBytes at its front are the backend's own; `products` may use the others, as kernels do:
  /// what an operation leaves there is of no use to the next.
  CudaBackend(simt::Stream stream, std::unique_ptr<Products> products, std::span<std::byte> workspace);

  static constexpr std::size_t kFaultBytes = 256;

  [[nodiscard]] std::string_view name() const override { return simt::kPlatform; }
  /// Throws std::invalid_argument where a kernel found an id or a target out of bounds since the last call.
  void synchronize() override;

  void product(View out, ConstView x, ConstView w, ConstView bias, Write write) override;
  void product_transposed(View out, ConstView x, ConstView w, ConstView bias, Write write) override;
  void weight_gradient(View dw, ConstView x, ConstView dy, Write write) override;
  void bias_gradient(View db, ConstView dy, Write write) override;

  void choose_experts(const ExpertChoice& choice, ConstView logits, ConstView correction,
                      std::int64_t capacity) override;
  void place_rows(View placed, ConstView x, ConstView places) override;
  void sum_places(View out, ConstView placed, ConstView places, ConstView weights) override;
  void sum_places_backward(View placed, const ExpertChoice& choice, ConstView d_out) override;
  void expert_logits_gradient(View d_logits, ConstView d_chosen, ConstView experts) override;
  void expert_product(View out, ConstView x, ConstView w, ConstView bias, ConstView first, Write write) override;
  void expert_product_transposed(View out, ConstView x, ConstView w, ConstView first, Write write) override;
  void expert_weight_gradient(View dw, ConstView x, ConstView dy, ConstView first, Write write) override;
  void expert_bias_gradient(View db, ConstView dy, ConstView first, Write write) override;
  void sigmoid(View x) override;
  void gate_rows(View x, ConstView gate) override;
  void gate_rows_backward(View d_logit, View d_x, ConstView x, ConstView gate) override;

  void embed(View out, ConstView table, ConstView ids) override;
  void embed_backward(View d_table, ConstView dx, ConstView ids, Write write) override;
  void embed_part(View out, ConstView table, ConstView ids, const VocabularyPart& part) override;
  void embed_part_backward(View d_table, ConstView dx, ConstView ids, const VocabularyPart& part, Write write) override;
  void add_positions(View x, ConstView table, Position position) override;
  void add_positions_backward(View d_table, ConstView dx, Position position, Write write) override;

  void norm(NormKind kind, View out, View statistics, ConstView x, ConstView gain, ConstView bias) override;
  void norm_backward(NormKind kind, View dx, Write write_dx, View d_gain, View d_bias, Write write_weights,
                     ConstView d_out, ConstView x, ConstView statistics, ConstView gain) override;

  void add(View x, ConstView y) override;
  void convert(View out, ConstView x) override;
  void zero(View x) override;

  void activation(ActivationKind kind, View out, ConstView gate, ConstView up) override;
  void activation_backward(ActivationKind kind, View d_out, View gate, View up) override;
  void rope(View x, const Rotary& rotary, Position position) override;
  void rope_backward(View x, const Rotary& rotary, Position position) override;
  void copy_heads(View out, const HeadStretch& to, ConstView x, const HeadStretch& from) override;
  void sum_heads(View out, ConstView x, const HeadStretch& from) override;
  void zero_heads(View x, const HeadStretch& stretch) override;
  void head_product(View out, const HeadStretch& to, ConstView x, const HeadStretch& from, ConstView w) override;
  void head_product_transposed(View out, const HeadStretch& to, ConstView x, const HeadStretch& from,
                               ConstView w) override;
  void dropout(View out, View mask, ConstView x, const Dropout& dropout, Position position) override;
  void dropout_backward(View dx, ConstView dy, ConstView mask, const Dropout& dropout) override;

  void attention_scores(View scores, ConstView q, ConstView k, const Heads& heads, Position queries) override;
  void attention_values(View out, ConstView scores, ConstView v, const Heads& heads) override;
  void attention_values_backward_v(View dv, ConstView scores, ConstView d_out, const Heads& heads) override;
  void attention_values_backward_scores(View d_scores, ConstView d_out, ConstView v, const Heads& heads) override;
  void softmax_backward(View d_scores, ConstView scores) override;
  void attention_scores_backward_q(View dq, ConstView d_scores, ConstView k, const Heads& heads) override;
  void attention_scores_backward_k(View dk, ConstView d_scores, ConstView q, const Heads& heads) override;

  void flash(View out, View lse, ConstView q, ConstView k, ConstView v, const AttentionBlock& block) override;
  void attention_delta(View delta, ConstView d_out, ConstView out, const Heads& heads) override;
  void flash_backward(View dq, View dk, View dv, Write write_kv, const AttentionSaved& saved,
                      const AttentionBlock& block) override;

  void blocks_begin(const RunningAttention& running) override;
  void blocks_add(const RunningAttention& running, View tile, ConstView q, ConstView k, ConstView v,
                  const AttentionBlock& block) override;
  void blocks_end(View out, const RunningAttention& running) override;
  void blocks_backward(View dq, View dk, View dv, View tile, View d_tile, const AttentionSaved& saved,
                       const AttentionBlock& block) override;

  void cross_entropy(View loss, Write write, View logits, ConstView targets, std::int64_t all_tokens,
                     bool gradient) override;
  void vocabulary_max(View row_max, ConstView logits, const VocabularyPart& part) override;
  void vocabulary_sums(View row_sum, View target_logit, ConstView logits, ConstView targets, ConstView row_max,
                       const VocabularyPart& part) override;
  void vocabulary_cross_entropy(View loss, Write write, View logits, ConstView targets, ConstView row_max,
                                ConstView row_sum, ConstView target_logit, const VocabularyPart& part,
                                std::int64_t all_tokens, bool gradient) override;

  void adamw(View parameter, View master, View first_moment, View second_moment, ConstView gradient,
             const AdamW& settings) override;
  void adamw_8bit(View parameter, View master, const EightBitMoment& first_moment, const EightBitMoment& second_moment,
                  ConstView gradient, const AdamW& settings) override;
  void sgd(View parameter, View master, View momentum, ConstView gradient, const Sgd& settings) override;
  void adafactor(View parameter, View master, const AdafactorStates& states, ConstView gradient,
                 const Adafactor& settings) override;

 private:
  template <class Kernel>
  void launch(const simt::LaunchShape& shape, const Kernel& kernel) {
    simt::launch(stream_, shape, kernel);
  }
  void linear(View out, ConstView x, ConstView w, ConstView bias, Write write, bool transposed);
  void multiply_heads(View out, const HeadStretch& to, ConstView x, const HeadStretch& from, const ConstView& w,
                      bool transposed);
  void gather(View out, ConstView table, ConstView ids, const Vocabulary& vocabulary, Fault told);
  void scatter(View table, ConstView x, ConstView ids, const Vocabulary& vocabulary, Write write, Fault told);
  template <class Statistics>
  void cross_entropy_of(View loss, Write write, View logits, ConstView targets, const Vocabulary& vocabulary,
                        const Statistics& statistics, std::int64_t all_tokens, bool gradient, Fault told);
  void clear_faults();
  /// Where kernels tell a fault: not 0.
  [[nodiscard]] std::int32_t* fault(Fault which) const { return faults_ + static_cast<int>(which); }

  simt::Stream stream_;
  std::unique_ptr<Products> products_;
  std::int32_t* faults_ = nullptr;
  Scratch scratch_;
};

}  // namespace headroom::kernels::cuda
