#include <headroom/measure/witness.h>

#include <fstream>
#include <stdexcept>
#include <string>

namespace headroom::measure {

Bytes peak_resident() {
  constexpr std::int64_t kUnit = 1024;  // the file says kB and means KiB
  std::ifstream status("/proc/self/status");
  for (std::string key; status >> key;) {
    std::int64_t count = 0;
    if (key == "VmHWM:" && status >> count) return count * Bytes(kUnit);
    std::getline(status, key);
  }
  throw std::runtime_error("/proc/self/status does not tell VmHWM, the largest resident set");
}

}  // namespace headroom::measure
