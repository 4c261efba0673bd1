#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <headroom/models/job.h>

namespace headroom {

/// What a field accepts.
enum class FieldKind : std::uint8_t {
  choice,     ///< one of its values
  chunk,      ///< a number of tokens, or the name of one of its values
  recompute,  ///< one of its values; "every" is followed by a number of layers, "every:4"
  count,      ///< a whole number from 1, or 0, to 2^40
  toggle,     ///< "true" or "false"
  bytes,      ///< a number of bytes, such as "1.9TB", or "none"
};

/// An axis of the method, a setting of the run around it, or one of inference alone.
enum class FieldGroup : std::uint8_t { method, training, inference };

/// A value that is chosen by name.
struct FieldValue {
  std::string_view name;
  std::string_view description;
};

/// One thing of a job that a user sets: what the command line's options and the panel of the GUI are made of, so that
/// a new axis appears in both.
struct JobField {
  std::string name;         ///< as options spell it: "optimizer-states"
  std::string title;        ///< as forms spell it: "Optimizer states"
  std::string description;  ///< a short phrase
  FieldGroup group = FieldGroup::training;
  FieldKind kind = FieldKind::choice;
  std::vector<FieldValue> values;
  /// Sets the job's value to `text`. Throws InputError that names `what`.
  std::function<void(Job& job, std::string_view text, std::string_view what)> set;
  /// The job's value as `set` takes it.
  std::function<std::string(const Job& job)> show;
  /// Whether the value makes a difference for a job whose other values are these.
  std::function<bool(const Job& job)> applies;
};

/// All of them but the model, the device, the method's name and the length.
[[nodiscard]] std::span<const JobField> job_fields();

/// The one called `name`, which exists.
[[nodiscard]] const JobField& job_field(std::string_view name);

}  // namespace headroom
