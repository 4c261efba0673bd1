#include "machine.h"

#include <fstream>

#include <sys/utsname.h>

#include "program.h"

namespace headroom::measure::host {

std::string processor_name() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    const auto colon = line.find(": ");
    if (line.rfind("model name", 0) == 0 && colon != std::string::npos) return line.substr(colon + 2);
  }
  struct ::utsname names {};
  ::uname(&names);
  return names.machine;
}

std::vector<SoftwareVersion> software() {
  std::vector<SoftwareVersion> software = common_software();
  software.insert(software.begin() + 1, {"Eigen", HEADROOM_EIGEN_VERSION});
  return software;
}

}  // namespace headroom::measure::host
