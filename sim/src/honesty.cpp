#include <headroom/sim/honesty.h>

#include <fmt/format.h>

namespace headroom::sim {

std::vector<Assumption> assumptions(const Job& job) {
  const Device& device = job.device;
  return {{"capacity", device.capacity},
          {"context", device.context},
          {"workspace", device.workspace},
          {"allocator slack", device.allocator_slack}};
}

std::string_view runtime_note() {
  return "predicted for headroom's own lean runtime (docs/runtime.md); eager frameworks hold more";
}

std::string measured_status(const Job& job) {
  return fmt::format("not yet measured: no measured record covers the {} method", job.method.name);
}

}  // namespace headroom::sim
