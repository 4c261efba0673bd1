#pragma once

#include <functional>
#include <vector>

#include <mpi.h>

#include <headroom/measure/communicator.h>

#include "bf16_sum.h"

namespace headroom::measure::mpi {

/// Hears when a rank begins to wait for others, and when it goes on.
using Waiting = std::function<void(bool waits)>;

/// The ranks of an MPI communicator, whose tensors lie in the host's memory.
class MpiGroup : public RankGroup {
 public:
  /// The ranks of `all` that say the same `color`, in their order there.
  MpiGroup(MPI_Comm all, std::int64_t color, const Bf16Sum& bf16_sum, const Waiting& waiting);
  MpiGroup(const MpiGroup&) = delete;
  MpiGroup& operator=(const MpiGroup&) = delete;
  ~MpiGroup() override;

  [[nodiscard]] std::int64_t rank() const override { return rank_; }
  [[nodiscard]] std::int64_t size() const override { return size_; }

  void gather_tokens(kernels::View whole, kernels::ConstView own) override;
  void reduce_scatter_tokens(kernels::View own, kernels::ConstView whole) override;
  void tokens_to_heads(kernels::View out, kernels::ConstView in) override;
  void heads_to_tokens(kernels::View out, kernels::ConstView in) override;
  void begin_passing(kernels::View incoming, kernels::ConstView outgoing) override;
  void finish_passing() override;
  void all_reduce(kernels::View tensor) override;
  void all_reduce_max(kernels::View tensor) override;
  void gather_parts(kernels::View whole) override;
  void gather_parts(kernels::View whole, kernels::ConstView shard) override;
  void reduce_scatter_parts(kernels::View shard, kernels::ConstView whole) override;
  void barrier() override;

 private:
  [[nodiscard]] MPI_Op sum_of(kernels::Type type) const;
  void all_reduce(const kernels::View& tensor, MPI_Op operation);
  void gather(const void* from, int count, const kernels::View& whole);

  MPI_Comm ranks_ = MPI_COMM_NULL;
  const Bf16Sum& bf16_sum_;
  const Waiting& waiting_;
  int rank_ = 0;
  int size_ = 1;
  std::vector<MPI_Request> passing_;
};

}  // namespace headroom::measure::mpi
