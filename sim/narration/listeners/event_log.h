#pragma once

#include <headroom/sim/instant.h>

#include "narration/tensor.h"

namespace headroom::sim {

/// Hands every event of the plain, layer by layer and chunk by chunk unrolling to `sink(moment, tensor, born, live)`.
/// Knows nothing of the shortcut that the peak listeners take.
template <class Sink>
class EventLog {
 public:
  static constexpr bool kUnrolls = true;

  explicit EventLog(Sink sink) : sink_(sink) {}

  void at(Instant instant) { now_.begin(instant); }
  void layer(std::int64_t index) { now_.layer = index; }
  void born(const Tensor& t) {
    live_ += t.bytes;
    sink_(now_, t, true, live_);
  }
  void dies(const Tensor& t) {
    live_ -= t.bytes;
    sink_(now_, t, false, live_);
  }
  void born(const TensorGroup& group) {
    for (const Tensor& t : group.tensors) born(t);
  }
  void dies(const TensorGroup& group) {
    for (const Tensor& t : group.tensors) dies(t);
  }
  template <class Body>
  void repeat(std::int64_t n, std::int64_t, Body body) {
    for (std::int64_t i = 0; i < n; ++i) body();
  }

 private:
  Sink sink_;
  Moment now_;
  Bytes live_;
};

}  // namespace headroom::sim
