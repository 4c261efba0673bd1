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

void OutputOptions::add_to(CLI::App& app) {
  format_ = name_of(Format::table);
  colour_ = name_of(Colour::automatic);
  app.add_option("--format", format_, describe_values("how to print", names_of<Format>(), format_))
      ->option_text("FORMAT")
      ->group(kOutputGroup);
  app.add_option("--color", colour_, describe_values("colours", names_of<Colour>(), colour_))
      ->option_text("WHEN")
      ->group(kOutputGroup);
}

Format OutputOptions::format() const { return value_of<Format>(format_, "--format"); }

Style OutputOptions::style(const Console& console) const {
  const auto when = value_of<Colour>(colour_, "--color");
  return Style(when == Colour::always || (when == Colour::automatic && console.shows_colour()));
}

}  // namespace cli
}  // namespace headroom
