#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <headroom/models/job.h>

namespace headroom {

/// What was read, and what the reader should know of it (an unknown model_type, an ignored field).
template <class T>
struct Read {
  T value;
  std::vector<std::string> notes;
};

/// A model from a preset's name or a path: headroom's own description or a Hugging Face config.json.
/// Throws InputError: file, key, accepted values, nearest name.
[[nodiscard]] Read<Transformer> read_model(const std::string& name_or_path);
/// The same from text; `origin` names it in messages. The nearest thing to a fuzz target.
[[nodiscard]] Read<Transformer> parse_model(std::string_view text, const std::string& origin);

[[nodiscard]] Read<Device> read_device(const std::string& name_or_path);
[[nodiscard]] Read<Device> parse_device(std::string_view text, const std::string& origin);
/// The device as versioned JSON, keys in a stable order; parse_device(device_to_json(d)) == d.
[[nodiscard]] std::string device_to_json(const Device& device);

/// A job file (docs/job.md). Unknown keys are refused with the nearest name; missing optional keys take the default.
/// A later version is refused in a sentence.
[[nodiscard]] Read<Job> read_job(const std::string& path);
[[nodiscard]] Read<Job> parse_job(std::string_view text, const std::string& origin);

/// The job as versioned JSON, keys in a stable order; parse_job(job_to_json(j)) == j.
[[nodiscard]] std::string job_to_json(const Job& job);

/// Writes `text` so that `path` holds either its old content or all of the new, whatever happens.
/// Throws InputError that names the path and the system's reason.
void write_file_atomically(const std::string& path, std::string_view text);

}  // namespace headroom
