#pragma once

#include <cstdint>

#include <headroom/sim/instant.h>

namespace headroom::sim {

/// Lets one listener hear of the device's memory and another of the host's, in the order in which things happen. Loops
/// run iteration by iteration.
template <class Device, class Host>
class BothMemories {
 public:
  static constexpr bool kUnrolls = true;

  BothMemories(Device device, Host host) : device_(device), host_(host) {}

  void at(Instant instant) {
    device_.at(instant);
    host_.at(instant);
  }
  void layer(std::int64_t index) {
    device_.layer(index);
    host_.layer(index);
  }
  template <class Body>
  void repeat(std::int64_t n, std::int64_t, Body body) {
    for (std::int64_t i = 0; i < n; ++i) body();
  }

  template <class What>
  void born(const What& what) {
    device_.born(what);
  }
  template <class What>
  void dies(const What& what) {
    device_.dies(what);
  }
  template <class What>
  void host_born(const What& what) {
    host_.born(what);
  }
  template <class What>
  void host_dies(const What& what) {
    host_.dies(what);
  }

 private:
  Device device_;
  Host host_;
};

}  // namespace headroom::sim
