#include "manual_page.h"

#include <algorithm>
#include <cctype>

#include <fmt/format.h>

#include "exit_code.h"
#include "program.h"

namespace headroom::cli {
namespace {

/// `text` as roff prints it: no escapes, no requests, hyphens that can be searched and copied.
std::string roff(std::string_view text) {
  std::string result = text.starts_with('.') || text.starts_with('\'') ? "\\&" : "";
  for (const char c : text) {
    if (c == '\\') {
      result += "\\e";
    } else if (c == '-') {
      result += "\\-";
    } else {
      result += c;
    }
  }
  return result;
}

std::string bold(std::string_view text) { return "\\fB" + roff(text) + "\\fR"; }
std::string italic(std::string_view text) { return "\\fI" + roff(text) + "\\fR"; }

/// A sentence for a phrase that begins with no name.
std::string sentence(std::string text) {
  text[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(text[0])));
  return roff(text.ends_with('.') ? text : text + '.');
}

std::string section(std::string_view title) {
  std::string upper(title);
  std::ranges::transform(upper, upper.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return fmt::format(".SH {}\n", roff(upper));
}

std::string paragraph(const std::string& text) { return ".PP\n" + text + "\n"; }
std::string entry(const std::string& term, const std::string& text) { return ".TP\n" + term + "\n" + text + "\n"; }

/// "--model NAME|PATH" with its fonts.
std::string term(const ArgumentDescription& argument) {
  std::string text;
  for (const std::string& name : argument.names) text += (text.empty() ? "" : ", ") + bold(name);
  if (!argument.takes_value()) return text;
  return text + (text.empty() ? "" : " ") + italic(argument.placeholder);
}

std::vector<std::string> commands_with(const ProgramDescription& program, const ArgumentDescription& argument) {
  std::vector<std::string> names;
  for (const CommandDescription& command : program.commands) {
    if (std::ranges::find(command.arguments, argument) != command.arguments.end()) names.push_back(command.name);
  }
  return names;
}

bool is_shared(const ProgramDescription& program, const ArgumentDescription& argument) {
  return !argument.is_positional() && commands_with(program, argument).size() > 1;
}

/// "headroom models [NAME] [OPTION]..."
std::string usage(const CommandDescription& command) {
  std::string text = bold("headroom " + command.name) + " [" + italic("OPTION") + "]...";
  for (const ArgumentDescription& argument : command.arguments) {
    if (argument.is_positional()) text += " [" + italic(argument.placeholder) + "]" + (argument.is_list ? "..." : "");
  }
  return text;
}

std::string command_text(const ProgramDescription& program, const CommandDescription& command) {
  std::string text =
      ".SS " + roff(command.name) + "\n" + sentence(command.description) + "\n" + paragraph(usage(command));
  for (const ArgumentDescription& argument : command.arguments) {
    if (!is_shared(program, argument)) text += entry(term(argument), roff(argument.description));
  }
  return text;
}

/// The options with one heading of --help that several commands have.
struct SharedGroup {
  std::string name;
  std::vector<ArgumentDescription> arguments;
  std::vector<std::string> commands;  ///< that have one of them at least
};

bool mentions(const std::vector<std::string>& names, const std::string& name) {
  return std::ranges::find(names, name) != names.end();
}

void add_shared(std::vector<SharedGroup>& groups, const ProgramDescription& program,
                const ArgumentDescription& argument) {
  auto group = std::ranges::find(groups, argument.group, &SharedGroup::name);
  if (group == groups.end()) group = groups.insert(groups.end(), {argument.group, {}, {}});
  if (std::ranges::find(group->arguments, argument) != group->arguments.end()) return;
  group->arguments.push_back(argument);
  for (const std::string& command : commands_with(program, argument)) {
    if (!mentions(group->commands, command)) group->commands.push_back(command);
  }
}

/// What most commands have comes first; what every command has, which counts as 0, comes last.
std::vector<SharedGroup> shared_groups(const ProgramDescription& program) {
  std::vector<SharedGroup> groups;
  for (const CommandDescription& command : program.commands) {
    for (const ArgumentDescription& argument : command.arguments) {
      if (is_shared(program, argument)) add_shared(groups, program, argument);
    }
  }
  const std::size_t all = program.commands.size();
  std::ranges::stable_sort(groups, std::ranges::greater(),
                           [all](const SharedGroup& group) { return group.commands.size() % all; });
  return groups;
}

/// "Method (overrides ...)" becomes the title "METHOD OPTIONS" and a sentence.
std::string group_heading(const SharedGroup& group) {
  const std::size_t bracket = group.name.find(" (");
  std::string title = section(group.name.substr(0, bracket) + " options");
  if (bracket == std::string::npos) return title;
  return title + sentence(group.name.substr(bracket + 2, group.name.size() - bracket - 3)) + "\n";
}

std::string commands_text(const std::vector<std::string>& commands) {
  return roff(fmt::format("Commands: {}", fmt::join(commands, ", ")));
}

std::string group_text(const ProgramDescription& program, const SharedGroup& group) {
  const bool is_of_all = group.commands.size() == program.commands.size();
  std::string text =
      group_heading(group) + (is_of_all ? "Every command has these." : commands_text(group.commands) + ".") + "\n";
  for (const ArgumentDescription& argument : group.arguments) {
    const std::vector<std::string> commands = commands_with(program, argument);
    const bool has_fewer = commands.size() < group.commands.size();
    text += entry(term(argument), roff(argument.description) + (has_fewer ? ". " + commands_text(commands) + "." : ""));
  }
  return text;
}

std::string exit_status() {
  std::string text = section("exit status");
  for (const ExitCode& code : kExitCodes) text += entry(bold(std::to_string(code.value)), roff(code.meaning));
  return text;
}

std::string environment() {
  return section("environment") +
         entry(bold("NO_COLOR"), "Where it is set, nothing is coloured without " + bold("--color always") + ".");
}

/// A command line as it is typed over several lines, broken before options.
std::string typed(const std::vector<std::string>& arguments) {
  constexpr std::size_t kWidth = 66;
  std::string text = "headroom";
  std::size_t begin = 0;
  for (const std::string& argument : arguments) {
    const bool is_far = text.size() - begin + argument.size() > kWidth - 12;
    const bool breaks = is_far && argument.starts_with("--");
    if (breaks) text += " \\\n   ";
    if (breaks) begin = text.size();
    text += " " + argument;
  }
  return text;
}

std::string examples() {
  std::string text = section("examples");
  for (const Example& example : manual_examples()) {
    text += entry(roff(example.question), ".nf\n" + roff(typed(example.arguments)) + "\n.fi");
  }
  return text;
}

std::string synopsis() {
  return section("synopsis") + bold("headroom") + " " + italic("COMMAND") + " [" + italic("OPTION") + "]...\n.br\n" +
         bold("headroom") + " [" + italic("COMMAND") + "] " + bold("--help") + "\n.br\n" + bold("headroom --version") +
         "\n";
}

std::string header(const std::string& version) {
  return fmt::format(".TH HEADROOM 1 \"\" \"{}\" \"User Commands\"\n.nh\n.ad l\n", version) + section("name") +
         "headroom \\- memory\\-cost simulator and capacity planner for long\\-context transformers\n";
}

}  // namespace

const std::vector<Example>& manual_examples() {
  static const std::vector<Example> kExamples{
      {"How long a context does each method train on one A100?",
       {"max-context", "--model", "llama-3-8b", "--hardware", "a100-80gb", "--precision", "bf16", "--optimizer-states",
        "bf16"}},
      {"Where does the memory go at 128K tokens on 8 of them?",
       {"breakdown", "--model", "llama-3-8b", "--hardware", "a100-80gb", "--method", "ulysses", "--sharding", "zero3",
        "--devices", "8", "--seq", "128K"}},
      {"Which tensors are alive at the peak, within a limit of one's own?",
       {"explain", "--model", "gpt2", "--budget", "16GiB", "--method", "flash", "--seq", "4K"}},
      {"The same question for a model of one's own, for a program:",
       {"max-context", "--model", "path/config.json", "--hardware", "h100-80gb", "--format", "json"}},
  };
  return kExamples;
}

std::string manual_page(const ProgramDescription& program) {
  std::string text = header(program.version) + synopsis() + section("description") +
                     sentence(program.program.description) + "\n" + paragraph(roff(kUnits)) + section("commands");
  for (const CommandDescription& command : program.commands) text += command_text(program, command);
  for (const SharedGroup& group : shared_groups(program)) text += group_text(program, group);
  return text + exit_status() + environment() + examples();
}

}  // namespace headroom::cli
