#include "machine.h"

#include <fstream>

#include <gnu/libc-version.h>
#include <sys/utsname.h>

namespace headroom::measure::host {
namespace {

struct ::utsname system_names() {
  struct ::utsname names {};
  ::uname(&names);
  return names;
}

}  // namespace

std::string processor_name() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    const auto colon = line.find(": ");
    if (line.rfind("model name", 0) == 0 && colon != std::string::npos) return line.substr(colon + 2);
  }
  return system_names().machine;
}

std::vector<SoftwareVersion> software() {
  const struct ::utsname system = system_names();
  return {
      {"headroom", HEADROOM_VERSION},   {"Eigen", HEADROOM_EIGEN_VERSION},   {"compiler", __VERSION__},
      {system.sysname, system.release}, {"glibc", ::gnu_get_libc_version()},
  };
}

}  // namespace headroom::measure::host
