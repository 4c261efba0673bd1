#pragma once

#include <cstdint>
#include <string_view>

#include <headroom/kernels/attention.h>
#include <headroom/kernels/dropout.h>
#include <headroom/kernels/experts.h>
#include <headroom/kernels/heads.h>
#include <headroom/kernels/optimizer.h>
#include <headroom/kernels/rotary.h>
#include <headroom/kernels/view.h>
#include <headroom/kernels/vocabulary.h>

namespace headroom::kernels {

enum class NormKind : std::uint8_t { layernorm, rmsnorm };
/// GELU is the tanh form (Hendrycks & Gimpel, arXiv 1606.08415) everywhere.
enum class ActivationKind : std::uint8_t { gelu, relu, swiglu, geglu };

/// Whether the activation has a gate beside up.
[[nodiscard]] constexpr bool is_gated(ActivationKind kind) {
  return kind == ActivationKind::swiglu || kind == ActivationKind::geglu;
}

inline constexpr float kNormEpsilon = 1e-5F;
inline constexpr double kRopeBase = 10000;

/// The operations a transformer layer needs, over one device. Shapes are written [batch, rows, width]. Types of
/// floating point operands may be mixed freely (fp32, bf16) unless an operation says fp32. An optional view that is
/// empty is not read or not written. An output may be an input only where it says so. Kernels never allocate:
/// temporaries are views passed in or part of the workspace given at construction. Failures are exceptions that say
/// which operand is wrong: std::invalid_argument at the call where it is a shape or a type; where it is what a tensor
/// holds (ids, targets), at the call or at the next synchronize().
class Backend {
 public:
  Backend() = default;
  Backend(const Backend&) = delete;
  Backend& operator=(const Backend&) = delete;
  virtual ~Backend() = default;

  [[nodiscard]] virtual std::string_view name() const = 0;
  /// Returns when everything asked for so far is done.
  virtual void synchronize() = 0;

  // --- products ----------------------------------------------------------------------------------------------------
  // A linear with weight w[m,n]: product, product_transposed for dx, weight_gradient. A head tied to an embedding
  // table[n,m]: product_transposed, product for dx, weight_gradient with x and dy exchanged.

  /// out[b,r,n] = or += x[b,r,m] w[m,n] + bias[n]; bias optional.
  virtual void product(View out, ConstView x, ConstView w, ConstView bias, Write write) = 0;
  /// out[b,r,m] = or += x[b,r,n] w[m,n]^T + bias[m]; bias optional.
  virtual void product_transposed(View out, ConstView x, ConstView w, ConstView bias, Write write) = 0;
  /// dw[m,n] = or += x[b,r,m]^T dy[b,r,n], summed over batch and rows. Batch entries that do not lie one behind the
  /// other may be added one by one, each addition rounding to dw's type.
  virtual void weight_gradient(View dw, ConstView x, ConstView dy, Write write) = 0;
  /// db[n] = or += dy[b,r,n], summed over batch and rows.
  virtual void bias_gradient(View db, ConstView dy, Write write) = 0;

  // --- experts -----------------------------------------------------------------------------------------------------
  // A mixture of E experts of which each row passes k (experts.h). Tensors of places are [1,S,width]; weights of
  // experts lie one behind the other: w[E*m,n], bias[E,n]. What a choice holds is read as choose_experts wrote it.

  /// From the scores logits[b,r,E] fp32: the experts with the k best of logits + correction[1,1,E] (optional), of equal
  /// ones the first; their weights, the softmax over their logits; their places. With a capacity > 0 every expert has
  /// so many places and takes rows in order until it is full; with 0 it has as many as rows choose it.
  virtual void choose_experts(const ExpertChoice& choice, ConstView logits, ConstView correction,
                              std::int64_t capacity) = 0;
  /// placed[1,S,h] = x[b,r,h] at each of the row's places[b,r,k]; places that no row has are zero.
  virtual void place_rows(View placed, ConstView x, ConstView places) = 0;
  /// out[b,r,h] = the sum of placed[1,S,h] over the row's places[b,r,k], each times its weight in weights[b,r,k]
  /// (optional). Where a row is dropped it has nothing.
  virtual void sum_places(View out, ConstView placed, ConstView places, ConstView weights) = 0;
  /// The backward of the weighted sum, in place: placed[1,S,h] becomes its own gradient, zero where no row has the
  /// place, and choice.weights the gradients of the chosen logits; d_out[b,r,h].
  virtual void sum_places_backward(View placed, const ExpertChoice& choice, ConstView d_out) = 0;
  /// d_logits[b,r,E] = the gradients of the chosen logits, d_chosen[b,r,k] fp32, zero where nothing was chosen.
  virtual void expert_logits_gradient(View d_logits, ConstView d_chosen, ConstView experts) = 0;

  /// out[1,S,n] = or += x[1,S,m] w[E*m,n] + bias[E,n], each place with its expert's; bias optional.
  virtual void expert_product(View out, ConstView x, ConstView w, ConstView bias, ConstView first, Write write) = 0;
  /// out[1,S,m] = or += x[1,S,n] w[E*m,n]^T, each place with its expert's.
  virtual void expert_product_transposed(View out, ConstView x, ConstView w, ConstView first, Write write) = 0;
  /// dw[E*m,n] = or += x[1,S,m]^T dy[1,S,n], summed over each expert's places.
  virtual void expert_weight_gradient(View dw, ConstView x, ConstView dy, ConstView first, Write write) = 0;
  /// db[E,n] = or += dy[1,S,n], summed over each expert's places.
  virtual void expert_bias_gradient(View db, ConstView dy, ConstView first, Write write) = 0;

  /// x = 1 / (1 + exp(-x)), in place.
  virtual void sigmoid(View x) = 0;
  /// x[b,r,w] *= gate[b,r,1] fp32, in place.
  virtual void gate_rows(View x, ConstView gate) = 0;
  /// The backward of gate_rows with a gate that is a sigmoid: d_logit[b,r,1] fp32 = <d_x, x> (1 - gate), where x is
  /// what gate_rows left; then d_x *= gate, in place.
  virtual void gate_rows_backward(View d_logit, View d_x, ConstView x, ConstView gate) = 0;

  // --- embedding ---------------------------------------------------------------------------------------------------

  /// out[b,r,h] = table[ids[b,r,1]]; ids int32.
  virtual void embed(View out, ConstView table, ConstView ids) = 0;
  /// d_table[ids[b,r,1]] += dx[b,r,h]; with Write::set the table's gradient is zeroed before.
  virtual void embed_backward(View d_table, ConstView dx, ConstView ids, Write write) = 0;
  /// out[b,r,h] = table[ids[b,r,1] - part.first], zero where the id lies outside the part: the sum of this over the
  /// parts of a vocabulary is embed. Ids are those of the whole vocabulary; of these a part refuses negative ones
  /// alone.
  virtual void embed_part(View out, ConstView table, ConstView ids, const VocabularyPart& part) = 0;
  /// d_table[ids[b,r,1] - part.first] += dx[b,r,h] where the id lies in the part; with Write::set all of d_table, its
  /// padding too, is zeroed before.
  virtual void embed_part_backward(View d_table, ConstView dx, ConstView ids, const VocabularyPart& part,
                                   Write write) = 0;
  /// x[b,r,h] += table[position.first + r], in place.
  virtual void add_positions(View x, ConstView table, Position position) = 0;
  /// d_table[position.first + r] += dx[b,r,h], summed over the batch; with Write::set all of d_table is zeroed before.
  virtual void add_positions_backward(View d_table, ConstView dx, Position position, Write write) = 0;

  // --- norms -------------------------------------------------------------------------------------------------------

  /// out = norm(x) gain + bias; out and bias optional. statistics, optional, fp32: RMSNorm [b,r,1] 1/rms; LayerNorm
  /// [b,r,2] mean, 1/sigma.
  virtual void norm(NormKind kind, View out, View statistics, ConstView x, ConstView gain, ConstView bias) = 0;
  /// dx = or += the gradient of x; d_gain and d_bias (optional) = or += by `write_weights`. dx may be d_out with
  /// Write::set.
  virtual void norm_backward(NormKind kind, View dx, Write write_dx, View d_gain, View d_bias, Write write_weights,
                             ConstView d_out, ConstView x, ConstView statistics, ConstView gain) = 0;

  // --- elementwise -------------------------------------------------------------------------------------------------

  /// x += y, in place.
  virtual void add(View x, ConstView y) = 0;
  /// out = x, rounded to out's type.
  virtual void convert(View out, ConstView x) = 0;
  virtual void zero(View x) = 0;

  /// out = activation(up), gate empty; or activation(gate) up. out may be up (not gated) or gate (gated).
  virtual void activation(ActivationKind kind, View out, ConstView gate, ConstView up) = 0;
  /// Not gated, gate empty: d_out becomes the gradient of up in place, up is only read. Gated: gate and up become their
  /// gradients in place, d_out is only read.
  virtual void activation_backward(ActivationKind kind, View d_out, View gate, View up) = 0;

  /// Rotary embedding (Su et al., arXiv 2104.09864) of x[b,r,heads*head_dim] in place; the angle of pair i is
  /// row * kRopeBase^(-2i/rotary.dim).
  virtual void rope(View x, const Rotary& rotary, Position position) = 0;
  /// The inverse rotation, in place.
  virtual void rope_backward(View x, const Rotary& rotary, Position position) = 0;

  // --- stretches of heads ------------------------------------------------------------------------------------------

  /// The stretch `to` of each head of out[b,r,heads*head_dim] = the stretch `from` of the same head of x, or of the
  /// only head that x has. What lies beside the stretch is not written.
  virtual void copy_heads(View out, const HeadStretch& to, ConstView x, const HeadStretch& from) = 0;
  /// out[b,r,from.dim] = the sum of the stretch of x[b,r,heads*head_dim] over the heads.
  virtual void sum_heads(View out, ConstView x, const HeadStretch& from) = 0;
  /// The stretch of each head of x[b,r,heads*head_dim] = 0, in place.
  virtual void zero_heads(View x, const HeadStretch& stretch) = 0;

  /// The stretch `to` of each head of out[b,r,heads*head_dim] = the stretch `from` of the same head of x times the
  /// head's columns of w[from.dim, heads*to.dim]. What lies beside the stretch is not written.
  virtual void head_product(View out, const HeadStretch& to, ConstView x, const HeadStretch& from, ConstView w) = 0;
  /// The same times the head's columns of w[to.dim, heads*from.dim], transposed.
  virtual void head_product_transposed(View out, const HeadStretch& to, ConstView x, const HeadStretch& from,
                                       ConstView w) = 0;

  // --- dropout -----------------------------------------------------------------------------------------------------

  /// out = x where kept, scaled by dropout.scale(), else 0; out may be x. mask, optional, uint8: 1 where kept, else 0.
  /// out and x may both be empty: the mask alone.
  /// Elements count as they lie in [batch, position.whole, width].
  virtual void dropout(View out, View mask, ConstView x, const Dropout& dropout, Position position) = 0;
  /// dx = dy where the mask is 1, scaled by dropout.scale(), else 0; dx may be dy.
  virtual void dropout_backward(View dx, ConstView dy, ConstView mask, const Dropout& dropout) = 0;

  // --- attention with its scores written out -----------------------------------------------------------------------
  // Keys are those of the whole sequence, queries all or some of it. Probabilities are dropped by dropout() on the
  // scores. Sums over the query heads of a group may be added head by head, each addition rounding to the output's
  // type.

  /// scores[b*a, rows, keys] = softmax(q k^T / sqrt(d)); masked elements are 0. `queries` is where the queries stand in
  /// the sequence that the keys are. The products may be rounded to the scores' type before the softmax.
  virtual void attention_scores(View scores, ConstView q, ConstView k, const Heads& heads, Position queries) = 0;
  /// out[b,rows,a*d] = scores v.
  virtual void attention_values(View out, ConstView scores, ConstView v, const Heads& heads) = 0;
  /// dv[b,keys,k*d] = scores^T d_out, summed over the query heads of a group; scores: those that were multiplied with
  /// v.
  virtual void attention_values_backward_v(View dv, ConstView scores, ConstView d_out, const Heads& heads) = 0;
  /// d_scores[b*a, rows, keys] = d_out v^T.
  virtual void attention_values_backward_scores(View d_scores, ConstView d_out, ConstView v, const Heads& heads) = 0;
  /// d_scores becomes the gradient in front of the softmax, in place; scores: the softmax's output.
  virtual void softmax_backward(View d_scores, ConstView scores) = 0;
  /// dq[b,rows,a*d] = d_scores k / sqrt(d).
  virtual void attention_scores_backward_q(View dq, ConstView d_scores, ConstView k, const Heads& heads) = 0;
  /// dk[b,keys,k*d] = d_scores^T q / sqrt(d), summed over the query heads of a group.
  virtual void attention_scores_backward_k(View dk, ConstView d_scores, ConstView q, const Heads& heads) = 0;

  // --- tiled attention: scores only in the workspace ---------------------------------------------------------------

  /// out and, where given, lse[b, a, rows] fp32 of the queries in q over all rows of k, v (Dao, arXiv 2307.08691).
  virtual void flash(View out, View lse, ConstView q, ConstView k, ConstView v, const AttentionBlock& block) = 0;
  /// delta[b, a, rows] fp32 = sum over a head of d_out * out.
  virtual void attention_delta(View delta, ConstView d_out, ConstView out, const Heads& heads) = 0;
  /// dq = , fp32; dk and dv = or += by `write_kv`.
  virtual void flash_backward(View dq, View dk, View dv, Write write_kv, const AttentionSaved& saved,
                              const AttentionBlock& block) = 0;

  // --- blockwise attention: key blocks one by one, running statistics (Rabe & Staats, arXiv 2112.05682) ------------

  /// Before the first key block: row_max = -inf, row_sum = 0, sums = 0.
  virtual void blocks_begin(const RunningAttention& running) = 0;
  /// Takes one key block into the running statistics; v and sums may both be empty. tile[b*a, rows, keys] fp32,
  /// optional, holds the scores instead of the workspace; what it holds afterwards is unspecified.
  virtual void blocks_add(const RunningAttention& running, View tile, ConstView q, ConstView k, ConstView v,
                          const AttentionBlock& block) = 0;
  /// Behind the last key block: out = sums / row_sum; row_max becomes the logsumexp in place. out may be sums; both may
  /// be empty.
  virtual void blocks_end(View out, const RunningAttention& running) = 0;
  /// One key block: dq, dk, dv +=, all fp32. tile and d_tile (both or neither) as tile in blocks_add.
  virtual void blocks_backward(View dq, View dk, View dv, View tile, View d_tile, const AttentionSaved& saved,
                               const AttentionBlock& block) = 0;

  // --- loss --------------------------------------------------------------------------------------------------------

  /// loss[1] fp32, optional, = or += the cross-entropy of logits[b,r,v] with targets[b,r,1] (int32), summed over these
  /// rows and divided by `all_tokens`; with `gradient` the logits become the gradient of that, in place.
  virtual void cross_entropy(View loss, Write write, View logits, ConstView targets, std::int64_t all_tokens,
                             bool gradient) = 0;

  // The same where each of several ranks has a part of the vocabulary: vocabulary_max, the maximum of row_max over the
  // ranks, vocabulary_sums, the sums of row_sum and of target_logit over the ranks, vocabulary_cross_entropy. Targets
  // are those of the whole vocabulary; of these a part refuses negative ones alone.

  /// row_max[b,r,1] fp32 = the largest of the existing logits[b,r,:]; the lowest float where none exists (part.count
  /// 0).
  virtual void vocabulary_max(View row_max, ConstView logits, const VocabularyPart& part) = 0;
  /// row_sum[b,r,1] = the sum of exp(logit - row_max) over the existing logits; target_logit[b,r,1] = the target's
  /// logit - row_max, zero where the target lies outside the part. All fp32; row_max is that of the whole vocabulary.
  virtual void vocabulary_sums(View row_sum, View target_logit, ConstView logits, ConstView targets, ConstView row_max,
                               const VocabularyPart& part) = 0;
  /// As cross_entropy, from the row statistics of the whole vocabulary: loss[1] fp32, optional, = or += the sum of
  /// log(row_sum) - target_logit over `all_tokens`; with `gradient` the logits become the gradient in place, (exp(logit
  /// - row_max) / row_sum - [column is the target]) / all_tokens, padding zero.
  virtual void vocabulary_cross_entropy(View loss, Write write, View logits, ConstView targets, ConstView row_max,
                                        ConstView row_sum, ConstView target_logit, const VocabularyPart& part,
                                        std::int64_t all_tokens, bool gradient) = 0;

  // --- optimizer ---------------------------------------------------------------------------------------------------

  // One step along gradient[r,c], everything in place. master, optional, fp32: takes the step and the parameter is its
  // rounded copy. The step reads states as they were computed, before their types round them.

  /// Moments have their own type.
  virtual void adamw(View parameter, View master, View first_moment, View second_moment, ConstView gradient,
                     const AdamW& settings) = 0;
  /// The same with moments in 8 bits: decoded, moved as those of adamw, and encoded again block by block, each element
  /// as the nearest code; the first moment with signed codes, the second with unsigned ones. All operands are one
  /// piece, so that elements count as they lie.
  virtual void adamw_8bit(View parameter, View master, const EightBitMoment& first_moment,
                          const EightBitMoment& second_moment, ConstView gradient, const AdamW& settings) = 0;
  /// parameter -= learning_rate * gradient; where there is a momentum, optional: momentum = mu * momentum + gradient,
  /// and parameter -= learning_rate * momentum. The momentum has its own type.
  virtual void sgd(View parameter, View master, View momentum, ConstView gradient, const Sgd& settings) = 0;
  /// Algorithm 4 of the paper where the second moment is row and column averages, algorithm 5 where it is whole
  /// (exactly one of them): steps of rho * max(epsilon2, RMS(parameter)) along gradient / sqrt(second moment), clipped
  /// to a root mean square of d. A momentum averages these steps and is taken in their place. Sums over the parameter
  /// are formed in the workspace, and what depends on them is computed again behind them. All operands are one piece.
  virtual void adafactor(View parameter, View master, const AdafactorStates& states, ConstView gradient,
                         const Adafactor& settings) = 0;
};

}  // namespace headroom::kernels
