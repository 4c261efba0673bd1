#pragma once

#include <cstdint>
#include <string_view>

#include <headroom/kernels/view.h>

namespace headroom::kernels {

enum class NormKind : std::uint8_t { layernorm, rmsnorm };
enum class ActivationKind : std::uint8_t { gelu, relu, silu_gated, gelu_gated };

/// How the heads of q and of k, v lie in a row: query head i reads key-value head i / (heads / kv_heads).
struct Heads {
  std::int64_t heads = 1;
  std::int64_t kv_heads = 1;
  std::int64_t head_dim = 1;
  bool causal = true;
};

/// Dropout with a counter-based generator: element i of a tensor is kept by a function of (seed, i) alone, so that a
/// recompute draws the same again. `offset` is the index of the view's first element in the tensor of the whole
/// sequence, where the view is a block of it.
struct Dropout {
  float probability = 0;
  std::uint64_t seed = 0;
};

/// AdamW (Loshchilov & Hutter, arXiv 1711.05101); step counts from 1.
struct AdamW {
  float learning_rate = 1e-3F;
  float beta1 = 0.9F;
  float beta2 = 0.95F;
  float epsilon = 1e-8F;
  float weight_decay = 0.1F;
  std::int64_t step = 1;
};

/// Where a block of queries or keys stands in its sequence: needed for causal masks and rotary angles.
struct Position {
  std::int64_t first = 0;
};

/// The operations a transformer layer needs, over one device. Shapes are written [batch, rows, width]. An optional view
/// that is empty is not read or not written. Outputs may be inputs only where it says "in place". Kernels never
/// allocate: temporaries are views passed in or part of the workspace given at construction. Failures are exceptions
/// that name the operation.
class Backend {
 public:
  virtual ~Backend() = default;

  [[nodiscard]] virtual std::string_view name() const = 0;
  /// Returns when everything asked for so far is done.
  virtual void synchronize() = 0;

  // --- products ----------------------------------------------------------------------------------------------------

  /// out[b,r,n] = x[b,r,m] w[m,n] + bias[n]. `out` may be of another type than x (fp32 logits).
  virtual void product(View out, ConstView x, ConstView w, ConstView bias) = 0;
  /// dx[b,r,m] = or += dy[b,r,n] w^T.
  virtual void product_transposed(View dx, ConstView dy, ConstView w, Write write) = 0;
  /// dw[m,n] = or += x^T dy, summed over batch and rows; db[n] likewise where it is given.
  virtual void weight_gradient(View dw, View db, ConstView x, ConstView dy, Write write) = 0;
  /// The same three for a weight that is stored transposed (an embedding [n,m] used as the head).
  virtual void product_tied(View out, ConstView x, ConstView table, ConstView bias) = 0;
  virtual void product_tied_transposed(View dx, ConstView dy, ConstView table, Write write) = 0;
  virtual void weight_gradient_tied(View d_table, View db, ConstView x, ConstView dy, Write write) = 0;

  // --- embedding ---------------------------------------------------------------------------------------------------

  /// out[b,r,h] = table[ids[b,r]].
  virtual void embed(View out, ConstView table, ConstView ids) = 0;
  /// d_table[ids] += dx; with Write::set the table's gradient is zero before.
  virtual void embed_backward(View d_table, ConstView dx, ConstView ids, Write write) = 0;
  /// x[b,r,h] += table[first + r], in place; and the sum of dx over the batch into the table's gradient.
  virtual void add_positions(View x, ConstView table, Position position) = 0;
  virtual void add_positions_backward(View d_table, ConstView dx, Position position, Write write) = 0;

  // --- norms -------------------------------------------------------------------------------------------------------

  /// out = norm(x) gain + bias; statistics[b,r,1 or 2] fp32 where given (RMSNorm 1/rms; LayerNorm mean, 1/sigma).
  virtual void norm(NormKind kind, View out, View statistics, ConstView x, ConstView gain, ConstView bias) = 0;
  /// dx = or += the gradient of x; d_gain, d_bias = or += by `write_weights`. dx may be d_out (in place) with set.
  virtual void norm_backward(NormKind kind, View dx, Write write_dx, View d_gain, View d_bias, Write write_weights, ConstView d_out,
                             ConstView x, ConstView statistics, ConstView gain) = 0;

  // --- elementwise -------------------------------------------------------------------------------------------------

  /// x += y, in place.
  virtual void add(View x, ConstView y) = 0;
  /// out = x, converted.
  virtual void convert(View out, ConstView x) = 0;
  virtual void zero(View x) = 0;
  /// out = activation(up) or activation(gate) up; out may be up (not gated) or gate (gated).
  virtual void activation(ActivationKind kind, View out, ConstView gate, ConstView up) = 0;
  /// Not gated: d_out becomes the gradient of up in place. Gated: gate and up become their gradients in place.
  virtual void activation_backward(ActivationKind kind, View d_out, View gate, View up) = 0;
  /// Rotary embedding over pairs (i, i + head_dim/2) with base 10000, in place; and its inverse.
  virtual void rope(View x, std::int64_t heads, std::int64_t head_dim, Position position) = 0;
  virtual void rope_backward(View x, std::int64_t heads, std::int64_t head_dim, Position position) = 0;
  /// out = dropped x, scaled by 1/(1-p); out may be x. mask[.] = 1 where kept, where it is given.
  /// `whole_rows`: rows of the tensor of the whole sequence that x is a block of.
  virtual void dropout(View out, View mask, ConstView x, const Dropout& dropout, Position position, std::int64_t whole_rows) = 0;
  /// dx = dy masked and scaled; dx may be dy.
  virtual void dropout_backward(View dx, ConstView dy, ConstView mask, const Dropout& dropout) = 0;

  // --- attention with its scores written out -------------------------------------------------------------------------

  /// scores[b*a, s, s] = softmax(q k^T / sqrt(d), causal where asked).
  virtual void attention_scores(View scores, ConstView q, ConstView k, const Heads& heads) = 0;
  /// out[b,s,a*d] = scores v.
  virtual void attention_values(View out, ConstView scores, ConstView v, const Heads& heads) = 0;
  /// dv = scores^T d_out, summed over the query heads of a group.
  virtual void attention_values_backward_v(View dv, ConstView scores, ConstView d_out, const Heads& heads) = 0;
  /// d_scores = d_out v^T.
  virtual void attention_values_backward_scores(View d_scores, ConstView d_out, ConstView v, const Heads& heads) = 0;
  /// d_scores becomes the gradient in front of the softmax, in place.
  virtual void softmax_backward(View d_scores, ConstView scores) = 0;
  /// dq = d_scores k / sqrt(d); dk = d_scores^T q / sqrt(d), summed over the query heads of a group.
  virtual void attention_scores_backward_q(View dq, ConstView d_scores, ConstView k, const Heads& heads) = 0;
  virtual void attention_scores_backward_k(View dk, ConstView d_scores, ConstView q, const Heads& heads) = 0;

  // --- tiled attention: scores only in the workspace -------------------------------------------------------------------

  /// out and, where given, lse[b, a, rows] fp32 of the queries in q (standing at `queries`) over all rows of k, v.
  virtual void flash(View out, View lse, ConstView q, ConstView k, ConstView v, const Heads& heads, Position queries,
                     const Dropout& dropout) = 0;
  /// delta[b, a, rows] fp32 = rowsum(d_out * out).
  virtual void attention_delta(View delta, ConstView d_out, ConstView out, const Heads& heads) = 0;
  /// dq = (fp32 or the type of q), dk and dv = or += by `write_kv`.
  virtual void flash_backward(View dq, View dk, View dv, Write write_kv, ConstView q, ConstView k, ConstView v, ConstView d_out,
                              ConstView lse, ConstView delta, const Heads& heads, Position queries, const Dropout& dropout) = 0;

  // --- blockwise attention: key blocks one by one, running statistics -----------------------------------------------------

  /// Before the first key block: row_max[b,a,rows] = -inf, row_sum = 0, sums[b,rows,a*d] fp32 = 0.
  virtual void blocks_begin(View row_max, View row_sum, View sums) = 0;
  /// Takes one key block into the running statistics. tile[b*a, rows, columns] fp32 holds the scores where it is given,
  /// else they stay in the workspace.
  virtual void blocks_add(View row_max, View row_sum, View sums, View tile, ConstView q, ConstView k, ConstView v, const Heads& heads,
                          Position queries, Position keys, const Dropout& dropout) = 0;
  /// Only the statistics, without sums: the logsumexp again.
  virtual void blocks_add_statistics(View row_max, View row_sum, View tile, ConstView q, ConstView k, const Heads& heads,
                                     Position queries, Position keys) = 0;
  /// Behind the last key block: out = sums / row_sum (out may be sums), row_max becomes the logsumexp in place.
  virtual void blocks_end(View out, View row_max, ConstView row_sum, ConstView sums) = 0;
  virtual void blocks_end_statistics(View row_max, ConstView row_sum) = 0;
  /// One key block: dq += , dk += , dv += (fp32). tile and d_tile as in blocks_add.
  virtual void blocks_backward(View dq, View dk, View dv, View tile, View d_tile, ConstView q, ConstView k, ConstView v,
                               ConstView d_out, ConstView lse, ConstView delta, const Heads& heads, Position queries, Position keys,
                               const Dropout& dropout) = 0;

  // --- loss --------------------------------------------------------------------------------------------------------

  /// loss[1] fp32 = or += the mean over `all_tokens` of the cross-entropy of logits[b,r,v] with targets[b,r]; with
  /// `gradient` the logits become their gradient, in place.
  virtual void cross_entropy(View loss, Write write, View logits, ConstView targets, std::int64_t all_tokens, bool gradient) = 0;

  // --- optimizer -----------------------------------------------------------------------------------------------------

  /// parameter (and fp32 master, where given) one step along gradient; moments in their own type. All in place.
  virtual void adamw(View parameter, View master, View first_moment, View second_moment, ConstView gradient, const AdamW& settings) = 0;
  virtual void sgd(View parameter, View master, ConstView gradient, float learning_rate) = 0;
};

}  // namespace headroom::kernels
