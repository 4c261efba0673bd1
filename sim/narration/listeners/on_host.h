#pragma once

#include <cstdint>

#include <headroom/sim/instant.h>

namespace headroom::sim {

/// Lets another listener hear of host memory instead of the device's.
template <class Listener>
class OnHost {
 public:
  static constexpr bool kUnrolls = Listener::kUnrolls;

  explicit OnHost(Listener listener = Listener()) : listener_(listener) {}

  [[nodiscard]] const Listener& listener() const { return listener_; }

  void at(Instant instant) { listener_.at(instant); }
  void layer(std::int64_t index) { listener_.layer(index); }
  template <class Body>
  void repeat(std::int64_t n, std::int64_t layers_per_iteration, Body body) {
    listener_.repeat(n, layers_per_iteration, body);
  }

  template <class What>
  void born(const What&) {}
  template <class What>
  void dies(const What&) {}
  template <class What>
  void host_born(const What& what) {
    listener_.born(what);
  }
  template <class What>
  void host_dies(const What& what) {
    listener_.dies(what);
  }

 private:
  Listener listener_;
};

}  // namespace headroom::sim
