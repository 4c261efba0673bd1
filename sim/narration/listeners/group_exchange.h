#pragma once

#include <headroom/sim/communication.h>
#include <headroom/sim/instant.h>

#include "narration/tensor.h"

namespace headroom::sim {

/// Counts what a rank sends within its tensor group. Collective has gather_of(all), scatter_of(all) and
/// all_reduce(whole), each the Sent of one tensor.
template <class Collective>
class GroupExchange {
 public:
  static constexpr bool kUnrolls = false;

  explicit GroupExchange(const Collective& collective) : collective_(collective) {}

  [[nodiscard]] const Sent& sent() const { return sent_; }

  void at(Instant) {}
  void layer(std::int64_t) {}
  template <class What>
  void born(const What&) {}
  template <class What>
  void dies(const What&) {}

  void gathered_tokens(const Tensor& all) { add(collective_.gather_of(all)); }
  void scattered_sums(const Tensor& sums) { add(collective_.scatter_of(sums)); }
  void summed_in_place(const Tensor& sums) { add(collective_.all_reduce(sums)); }

  template <class Body>
  void repeat(std::int64_t n, std::int64_t, Body body) {
    const std::int64_t outer = times_;
    times_ = checked_mul(times_, n);
    body();
    times_ = outer;
  }

 private:
  void add(const Sent& one) { sent_ += times_ * one; }

  const Collective& collective_;
  std::int64_t times_ = 1;
  Sent sent_;
};

}  // namespace headroom::sim
