#include "job_option.h"

#include <vector>

#include <fmt/format.h>

#include <headroom/models/job_field.h>

#include "help.h"

namespace headroom::cli {
namespace {

std::string names_text(const JobField& field) {
  std::vector<std::string_view> names;
  for (const FieldValue& value : field.values) names.push_back(value.name);
  return fmt::format("{}", fmt::join(names, ", "));
}

std::string description_text(const JobField& field) {
  switch (field.kind) {
    case FieldKind::choice: return fmt::format("{}: {}", field.description, names_text(field));
    case FieldKind::recompute: return fmt::format("{}: {}:K layers", field.description, names_text(field));
    case FieldKind::chunk:
      if (field.values.empty()) return field.description;
      return fmt::format("{}: tokens, or a rule: {}", field.description, names_text(field));
    case FieldKind::count:
    case FieldKind::bytes:
    case FieldKind::toggle: break;
  }
  return field.description;
}

const char* group_title(FieldGroup group) {
  switch (group) {
    case FieldGroup::method: return kMethodGroup;
    case FieldGroup::training: return kTrainingGroup;
    case FieldGroup::inference: return kInferenceGroup;
  }
  return kTrainingGroup;
}

std::string placeholder(FieldKind kind) {
  switch (kind) {
    case FieldKind::choice:
    case FieldKind::recompute: return "NAME";
    case FieldKind::chunk: return "CHUNK";
    case FieldKind::count: return "N";
    case FieldKind::bytes: return "BYTES";
    case FieldKind::toggle: break;
  }
  return {};
}

JobOption option_for(const JobField& field) {
  const std::string name = "--" + field.name;
  return {name,
          placeholder(field.kind),
          description_text(field),
          group_title(field.group),
          [&field, name](Job& job, std::string_view text) { field.set(job, text, name); },
          field.show};
}

std::vector<JobOption> make_options() {
  std::vector<JobOption> options;
  for (const JobField& field : job_fields()) options.push_back(option_for(field));
  return options;
}

}  // namespace

std::span<const JobOption> job_options() {
  static const std::vector<JobOption> kOptions = make_options();
  return kOptions;
}

}  // namespace headroom::cli
