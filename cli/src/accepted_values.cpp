#include "accepted_values.h"

#include <algorithm>
#include <initializer_list>
#include <string_view>

#include <fmt/format.h>

#include <headroom/models/format.h>
#include <headroom/models/job_field.h>
#include <headroom/models/presets.h>
#include <headroom/models/reproduction.h>

#include "grid_option.h"
#include "measure_program.h"
#include "output_options.h"

namespace headroom::cli {
namespace {

using Candidates = std::vector<Candidate>;

Candidates plain(const std::vector<std::string_view>& names) {
  Candidates candidates;
  for (const std::string_view name : names) candidates.push_back({std::string(name), ""});
  return candidates;
}

template <class Enum>
Candidates values() {
  Candidates candidates;
  for (const auto& named : values_of<Enum>())
    candidates.push_back({std::string(named.name), std::string(named.description)});
  return candidates;
}

Candidates models() { return plain(model_names()); }

Candidates devices() {
  Candidates candidates;
  for (const std::string_view name : device_names()) {
    candidates.push_back({std::string(name), format_bytes(device_preset(name).capacity.bytes)});
  }
  return candidates;
}

Candidates methods() {
  Candidates candidates;
  for (const std::string_view name : method_names()) {
    candidates.push_back({std::string(name), method_preset(name).summary});
  }
  return candidates;
}

Candidates named(std::initializer_list<Format> formats) {
  Candidates candidates;
  for (const auto& value : values_of<Format>()) {
    const bool is_among = std::ranges::find(formats, value.value) != formats.end();
    if (is_among) candidates.push_back({std::string(value.name), std::string(value.description)});
  }
  return candidates;
}

Candidates formats() { return named({Format::table, Format::json, Format::csv}); }
Candidates timeline_formats() { return named({Format::table, Format::json, Format::csv, Format::trace}); }
Candidates sweep_formats() { return named({Format::table, Format::csv, Format::jsonl}); }

/// What is changed by NAME=VALUE.
Candidates changes() {
  Candidates candidates;
  for (const std::string_view name : {"model", "hardware", "method", "seq"})
    candidates.push_back({fmt::format("{}=", name), ""});
  for (const JobField& field : job_fields()) candidates.push_back({field.name + "=", field.description});
  return candidates;
}

Candidates reproductions() { return plain(reproduction_names()); }
Candidates grids() { return {{kPowersOfTwo, "powers of two"}}; }

/// An option means the same in every command that is not named in front of it; a positional argument is told by its
/// command.
struct Source {
  std::string_view name;
  Candidates (*list)();
  bool or_file;  ///< a path is accepted in place of a name
};

constexpr Source kSources[] = {
    {"--model", models, true},
    {"--hardware", devices, true},
    {"--method", methods, false},
    {"--grid", grids, false},
    {"timeline --format", timeline_formats, false},
    {"sweep --format", sweep_formats, false},
    {"--format", formats, false},
    {"--with", changes, false},
    {"--vary", changes, false},
    {"--color", values<Colour>, false},
    {"--backend", values<Backend>, false},
    {"models NAME", models, true},
    {"hardware NAME", devices, true},
    {"methods NAME", methods, false},
    {"reproduce NAME", reproductions, true},
};

/// "every" is offered with a number of layers, as it is typed.
Candidates values_of_field(const JobField& field) {
  Candidates candidates;
  for (const FieldValue& value : field.values) {
    const bool has_number = field.kind == FieldKind::recompute && value.name == "every";
    candidates.push_back({std::string(value.name) + (has_number ? ":2" : ""), std::string(value.description)});
  }
  if (field.kind == FieldKind::bytes) candidates.push_back({"none", "no limit"});
  return candidates;
}

bool names_a_file(std::string_view placeholder) {
  constexpr std::string_view kWords[] = {"FILE", "PATH", "RECORD"};
  return std::ranges::any_of(
      kWords, [placeholder](std::string_view word) { return placeholder.find(word) != std::string_view::npos; });
}

}  // namespace

AcceptedValues accepted_values(const CommandDescription& command, const ArgumentDescription& argument) {
  const std::string name = argument.is_positional() ? argument.placeholder : argument.names.back();
  const std::string of_command = fmt::format("{} {}", command.name, name);
  for (const Source& source : kSources) {
    if (source.name == of_command || (!argument.is_positional() && source.name == name))
      return {source.list(), source.or_file};
  }
  for (const JobField& field : job_fields()) {
    if ("--" + field.name == name) return {values_of_field(field), false};
  }
  return {{}, argument.is_positional() || names_a_file(argument.placeholder)};
}

}  // namespace headroom::cli
