#pragma once

#include <map>

#include <headroom/measure/communicator.h>
#include <headroom/models/record.h>

namespace headroom::measure {

/// A group of ranks that counts what this one sends (docs/runtime.md section 10.4), whatever the ranks' library makes
/// of it. Throws what the group does, and OverflowError.
class CountingGroup : public RankGroup {
 public:
  /// Adds to `sent`.
  CountingGroup(RankGroup& group, MeasuredSent& sent) : group_(group), sent_(sent) {}

  [[nodiscard]] std::int64_t rank() const override { return group_.rank(); }
  [[nodiscard]] std::int64_t size() const override { return group_.size(); }

  void gather_tokens(kernels::View whole, kernels::ConstView own) override;
  void reduce_scatter_tokens(kernels::View own, kernels::ConstView whole) override;
  void tokens_to_heads(kernels::View out, kernels::ConstView in) override;
  void heads_to_tokens(kernels::View out, kernels::ConstView in) override;
  void begin_passing(kernels::View incoming, kernels::ConstView outgoing) override;
  void finish_passing() override { group_.finish_passing(); }
  void all_reduce(kernels::View tensor) override;
  void all_reduce_max(kernels::View tensor) override;
  void gather_parts(kernels::View whole) override;
  void gather_parts(kernels::View whole, kernels::ConstView shard) override;
  void reduce_scatter_parts(kernels::View shard, kernels::ConstView whole) override;
  void barrier() override { group_.barrier(); }

 private:
  void count(std::int64_t messages, std::int64_t elements, kernels::Type type);
  void count_to_all_others(std::int64_t elements, kernels::Type type);
  void count_gather(const kernels::ConstView& whole);
  void count_reduce_scatter(const kernels::ConstView& whole);
  void count_all_reduce(const kernels::ConstView& whole);

  RankGroup& group_;
  MeasuredSent& sent_;
};

/// The groups of another communicator, which count into one.
class CountingCommunicator : public Communicator {
 public:
  explicit CountingCommunicator(Communicator& of)
      : of_(of),
        all_(of.all(), sent_),
        states_(of.states(), sent_),
        tensor_(of.tensor(), sent_),
        sequence_(of.sequence(), sent_),
        ulysses_(of.ulysses(), sent_),
        ring_(of.ring(), sent_) {}

  [[nodiscard]] RankGroup& all() override { return all_; }
  [[nodiscard]] RankGroup& states() override { return states_; }
  [[nodiscard]] RankGroup& tensor() override { return tensor_; }
  [[nodiscard]] RankGroup& tensor(std::int64_t ranks) override {
    return tensor_runs_.try_emplace(ranks, of_.tensor(ranks), sent_).first->second;
  }
  [[nodiscard]] RankGroup& sequence() override { return sequence_; }
  [[nodiscard]] RankGroup& ulysses() override { return ulysses_; }
  [[nodiscard]] RankGroup& ring() override { return ring_; }

  /// Since the object's beginning.
  [[nodiscard]] const MeasuredSent& sent() const { return sent_; }

 private:
  Communicator& of_;
  MeasuredSent sent_;
  CountingGroup all_;
  CountingGroup states_;
  CountingGroup tensor_;
  std::map<std::int64_t, CountingGroup> tensor_runs_;  ///< by their length
  CountingGroup sequence_;
  CountingGroup ulysses_;
  CountingGroup ring_;
};

}  // namespace headroom::measure
