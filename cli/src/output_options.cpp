#include "output_options.h"

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "help.h"

namespace headroom {

template <>
std::span<const Named<cli::Format>> values_of<cli::Format>() {
  static constexpr Named<cli::Format> kValues[] = {
      {cli::Format::table, "table", "for people"},
      {cli::Format::json, "json", "for programs, everything that is known"},
      {cli::Format::csv, "csv", "for spreadsheets"},
      {cli::Format::trace, "trace", "for Perfetto and chrome://tracing"},
      {cli::Format::jsonl, "jsonl", "for programs, an object a line"},
  };
  return kValues;
}

template <>
std::span<const Named<cli::Colour>> values_of<cli::Colour>() {
  static constexpr Named<cli::Colour> kValues[] = {
      {cli::Colour::automatic, "auto", "on a terminal, unless NO_COLOR is set"},
      {cli::Colour::always, "always", "also into files and pipes"},
      {cli::Colour::never, "never", "not at all"},
  };
  return kValues;
}

namespace cli {

namespace {

std::vector<std::string_view> names_of(const std::vector<Format>& formats) {
  std::vector<std::string_view> names;
  for (const Format format : formats) names.push_back(name_of(format));
  return names;
}

}  // namespace

void OutputOptions::add_to(CLI::App& app) { add_format_and_colour(app, {Format::table, Format::json, Format::csv}); }

void OutputOptions::add_to(CLI::App& app, const std::vector<Format>& formats) {
  add_format_and_colour(app, formats);
  app.add_option("--output", output_, "write to this file, which appears when all of the result is there")
      ->option_text("FILE")
      ->group(kOutputGroup);
}

void OutputOptions::add_format_and_colour(CLI::App& app, const std::vector<Format>& formats) {
  formats_ = formats;
  format_ = name_of(formats.front());
  colour_ = name_of(Colour::automatic);
  app.add_option("--format", format_, describe_values("how to print", names_of(formats), format_))
      ->option_text("FORMAT")
      ->group(kOutputGroup);
  app.add_option("--color", colour_, describe_values("colours", headroom::names_of<Colour>(), colour_))
      ->option_text("WHEN")
      ->group(kOutputGroup);
}

Format OutputOptions::format() const {
  for (const Format format : formats_) {
    if (name_of(format) == format_) return format;
  }
  throw_unknown_name("--format", format_, names_of(formats_));
}

Style OutputOptions::style(const Console& console) const {
  const auto when = value_of<Colour>(colour_, "--color");
  return Style(when == Colour::always || (when == Colour::automatic && output_.empty() && console.shows_colour()));
}

}  // namespace cli
}  // namespace headroom
