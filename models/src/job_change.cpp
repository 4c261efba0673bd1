#include <headroom/models/job_change.h>

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include <headroom/models/error.h>
#include <headroom/models/format.h>
#include <headroom/models/job_field.h>
#include <headroom/models/presets.h>
#include <headroom/models/read.h>

namespace headroom {
namespace {

template <class T>
T value_and_notes(Read<T> read, std::vector<std::string>& notes) {
  notes.insert(notes.end(), read.notes.begin(), read.notes.end());
  return std::move(read.value);
}

}  // namespace

std::vector<std::string_view> change_names() {
  std::vector<std::string_view> names{"model", "hardware", "method", "seq"};
  for (const JobField& field : job_fields()) names.push_back(field.name);
  return names;
}

JobChange parse_change(std::string_view text, std::string_view option) {
  const std::size_t sign = text.find('=');
  if (sign == std::string_view::npos) {
    throw InputError(fmt::format("{} needs NAME=VALUE, such as {} recompute=none, not '{}'", option, option, text));
  }
  const std::string_view name = text.substr(0, sign);
  const std::vector<std::string_view> names = change_names();
  if (std::find(names.begin(), names.end(), name) == names.end()) throw_unknown_name(option, name, names);
  return {std::string(name), std::string(text.substr(sign + 1))};
}

void apply(const JobChange& change, Job& job, std::string_view what, std::vector<std::string>& notes) {
  if (change.name == "model") {
    job.model = value_and_notes(read_model(change.value), notes);
  } else if (change.name == "hardware") {
    job.device = value_and_notes(read_device(change.value), notes);
  } else if (change.name == "method") {
    job.method = method_preset(change.value).method;
  } else if (change.name == "seq") {
    job.seq = parse_tokens(change.value, what);
  } else {
    job_field(change.name).set(job, change.value, what);
  }
}

}  // namespace headroom
