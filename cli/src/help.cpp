#include "help.h"

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "text.h"

namespace headroom::cli {
namespace {

constexpr std::size_t kNameColumns = 28;

/// A name, and its description beside it.
std::string entry(const std::string& name, const std::string& description) {
  const std::string left = "  " + name;
  const bool fits = left.size() + 2 <= kNameColumns;
  const std::string gap = fits ? std::string(kNameColumns - left.size(), ' ') : '\n' + std::string(kNameColumns, ' ');
  return left + gap + wrap(description, kNameColumns) + '\n';
}

/// "--head NAME", "--dropout, --no-dropout"
std::string names_of(const CLI::Option& option) {
  std::string names;
  for (const std::string& name : option.get_snames()) names += (names.empty() ? "-" : ", -") + name;
  for (const std::string& name : option.get_lnames()) names += (names.empty() ? "--" : ", --") + name;
  return option.get_option_text().empty() ? names : names + " " + option.get_option_text();
}

class Formatter final : public CLI::Formatter {
 public:
  std::string make_option(const CLI::Option* option, bool is_positional) const override {
    return entry(is_positional ? option->get_name(true, false) : names_of(*option), option->get_description());
  }
  std::string make_group(std::string group, bool is_positional,
                         std::vector<const CLI::Option*> options) const override {
    std::string text = group + ":\n";
    for (const CLI::Option* option : options) text += make_option(option, is_positional);
    return text;
  }
  std::string make_usage(const CLI::App* app, std::string name) const override {
    return CLI::Formatter::make_usage(app, std::move(name)) + '\n';
  }
  std::string make_subcommand(const CLI::App* command) const override {
    return entry(command->get_name(), command->get_description());
  }
  std::string make_description(const CLI::App* app) const override { return wrap(app->get_description()) + "\n\n"; }
  std::string make_footer(const CLI::App* app) const override {
    return app->get_footer().empty() ? std::string() : wrap(app->get_footer()) + '\n';
  }
};

}  // namespace

std::string describe_values(std::string_view what, const std::vector<std::string_view>& values,
                            std::string_view standard) {
  return fmt::format("{}: {} (default {})", what, fmt::join(values, ", "), standard);
}

std::shared_ptr<CLI::FormatterBase> help_formatter() { return std::make_shared<Formatter>(); }

}  // namespace headroom::cli
