#pragma once

#include <cstdint>

#include <headroom/kernels/view.h>

namespace headroom::measure {

/// Ranks that exchange tensors (docs/runtime.md section 10). Every rank of the group makes the same calls in the same
/// order. Tensors are sent from where they lie and received where they are read. Sums are formed in the tensor's own
/// type. What is sent was written before the call, what is received can be read when it returns. Shapes are written
/// [batch, rows, width]; N is the size of the group. Throws std::runtime_error where the ranks' library fails,
/// std::invalid_argument where shapes do not fit.
class RankGroup {
 public:
  RankGroup() = default;
  RankGroup(const RankGroup&) = delete;
  RankGroup& operator=(const RankGroup&) = delete;
  virtual ~RankGroup() = default;

  [[nodiscard]] virtual std::int64_t rank() const = 0;
  [[nodiscard]] virtual std::int64_t size() const = 0;

  /// whole[b, N n, w] = own[b, n, w] of all ranks, a token run behind the other.
  virtual void gather_tokens(kernels::View whole, kernels::ConstView own) = 0;
  /// own[b, n, w] = the rank's token run of whole[b, N n, w], summed over the ranks.
  virtual void reduce_scatter_tokens(kernels::View own, kernels::ConstView whole) = 0;
  /// out[b, N n, w] = a piece of the width of in[b, n, W] of all ranks, a token run behind the other: rank r receives
  /// piece floor(r P / N) of the P = W / w there are. P divides N; where it is less, N / P ranks receive the same one.
  virtual void tokens_to_heads(kernels::View out, kernels::ConstView in) = 0;
  /// out[b, n, N w] = the rank's token run of in[b, N n, w] of all ranks, side by side.
  virtual void heads_to_tokens(kernels::View out, kernels::ConstView in) = 0;

  /// A message to the next rank and one from the rank before begin; both views stay until finish_passing().
  virtual void begin_passing(kernels::View incoming, kernels::ConstView outgoing) = 0;
  /// All messages that have begun are done.
  virtual void finish_passing() = 0;

  /// Every rank has the sum, in place.
  virtual void all_reduce(kernels::View tensor) = 0;
  /// Every rank has the largest value of each element, in place. fp32.
  virtual void all_reduce_max(kernels::View tensor) = 0;
  /// A tensor of n elements has parts of ceil(n / N), the last ones shorter or empty (part_of). The ranks' parts are
  /// gathered into every rank's tensor, in place.
  virtual void gather_parts(kernels::View whole) = 0;
  /// The same from shards of ceil(n / N) elements, each of which begins with the rank's part.
  virtual void gather_parts(kernels::View whole, kernels::ConstView shard) = 0;
  /// The shard begins with the rank's part of the sum over the ranks.
  virtual void reduce_scatter_parts(kernels::View shard, kernels::ConstView whole) = 0;

  /// Returns when every rank has called it.
  virtual void barrier() = 0;
};

/// The part of a tensor of `elements` that a rank of a group has.
struct Part {
  std::int64_t first = 0;
  std::int64_t count = 0;   ///< 0 where the parts in front of it are all there is
  std::int64_t length = 1;  ///< of every shard: ceil(elements / ranks)
};

[[nodiscard]] Part part_of(std::int64_t elements, std::int64_t rank, std::int64_t ranks);

/// The groups that a rank belongs to.
class Communicator {
 public:
  Communicator() = default;
  Communicator(const Communicator&) = delete;
  Communicator& operator=(const Communicator&) = delete;
  virtual ~Communicator() = default;

  /// All ranks of the job.
  [[nodiscard]] virtual RankGroup& all() = 0;
  /// The ranks with the same place in their tensor groups: they share the model's states.
  [[nodiscard]] virtual RankGroup& states() = 0;
  /// The ranks that share this one's parameter matrices.
  [[nodiscard]] virtual RankGroup& tensor() = 0;
  /// Of those, the run of `ranks` consecutive ones that this one is in, where `ranks` divides them: the ones that have
  /// the same key head, where key heads are fewer.
  [[nodiscard]] virtual RankGroup& tensor(std::int64_t ranks) = 0;
  /// The ranks that share this one's sequences and have its place in their tensor groups, in the order of their tokens.
  [[nodiscard]] virtual RankGroup& sequence() = 0;
  /// Of those, the ones that exchange heads for tokens with this one.
  [[nodiscard]] virtual RankGroup& ulysses() = 0;
  /// Of those, the ones with the same place in their Ulysses groups: keys and values pass along them.
  [[nodiscard]] virtual RankGroup& ring() = 0;
};

/// A rank that is the only one.
[[nodiscard]] Communicator& alone();

}  // namespace headroom::measure
