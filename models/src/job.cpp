#include <headroom/models/read.h>

#include "files.h"
#include "json_text.h"
#include "schema.h"

namespace headroom {
namespace {

template <class T>
std::string to_text(const T& value) {
  constexpr int kIndent = 2;
  return write_value(value).dump(kIndent, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace

Read<Job> parse_job(std::string_view text, const std::string& origin) {
  Job job;
  read_object(parse_json_text(text, origin), Place{origin, {}}, job);
  if (job.batch < 1 || job.batch > kMaxSize) {
    throw InputError(fmt::format("{}: batch must be between 1 and 2^40, not {}", origin, job.batch));
  }
  return {std::move(job), {}};
}

Read<Job> read_job(const std::string& path) { return parse_job(read_text_file(path), path); }

std::string job_to_json(const Job& job) { return to_text(job); }
std::string device_to_json(const Device& device) { return to_text(device); }

}  // namespace headroom
