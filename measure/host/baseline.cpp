#include "baseline.h"

#include <charconv>
#include <stdexcept>

#include "child.h"

namespace headroom::measure::host {

Bytes measure_baseline(const Options& options) {
  std::vector<std::string> arguments = {"--baseline", "--job", options.job, "--threads",
                                        std::to_string(options.threads)};
  if (options.timeline) arguments.emplace_back("--timeline");
  Child child(std::move(arguments));
  const std::string text = child.read_line();
  std::int64_t bytes = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), bytes);
  if (!child.succeeds() || parsed.ec != std::errc{}) {
    throw std::runtime_error("the baseline could not be measured: this program on an empty job did not succeed");
  }
  return Bytes(bytes);
}

}  // namespace headroom::measure::host
