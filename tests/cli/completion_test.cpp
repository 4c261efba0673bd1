#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include <headroom/models/presets.h>

#include "ask.h"
#include "catch.h"

using headroom::test::Answer;
using headroom::test::Arguments;
using headroom::test::ask;
using headroom::test::contains;
using headroom::test::join;
using headroom::test::lines_of;

namespace {

/// What is offered in place of the last word, without descriptions.
std::vector<std::string> offered(const Arguments& words) {
  const Answer answer = ask(join({"__complete"}, words));
  CHECK(answer.code == 0);
  std::vector<std::string> values;
  for (const std::string& line : lines_of(answer.out)) values.push_back(line.substr(0, line.find('\t')));
  return values;
}

bool has(const std::vector<std::string>& values, const std::string& value) {
  return std::find(values.begin(), values.end(), value) != values.end();
}

/// The commands that --help lists: the words behind two blanks under "Subcommands:".
std::vector<std::string> commands_of_help() {
  std::vector<std::string> commands;
  bool is_listed = false;
  for (const std::string& line : lines_of(ask({"--help"}).out)) {
    if (line.rfind("Subcommands:", 0) == 0) is_listed = true;
    if (is_listed && line.rfind("  ", 0) == 0 && line.size() > 2 && line[2] != ' ')
      commands.push_back(line.substr(2, line.find(' ', 2) - 2));
  }
  return commands;
}

struct HelpedOption {
  std::vector<std::string> names;
  std::string placeholder;
};

/// The long options of a line of --help: "  --devices, --ranks N  so many ..."
std::optional<HelpedOption> option_of_line(const std::string& line) {
  if (line.rfind("  -", 0) != 0) return std::nullopt;
  HelpedOption option;
  std::size_t begin = 2;
  while (begin < line.size() && line[begin] == '-') {
    const std::size_t end = std::min(line.find_first_of(", ", begin), line.size());
    if (line.compare(begin, 2, "--") == 0) option.names.push_back(line.substr(begin, end - begin));
    const bool goes_on = line.compare(end, 2, ", ") == 0;
    begin = end + (goes_on ? 2 : 1);
  }
  if (begin < line.size() && line[begin] != ' ') option.placeholder = line.substr(begin, line.find(' ', begin) - begin);
  return option;
}

std::vector<HelpedOption> options_of_help(const std::string& command) {
  std::vector<HelpedOption> options;
  for (const std::string& line : lines_of(ask({command, "--help"}).out)) {
    if (auto option = option_of_line(line)) options.push_back(*option);
  }
  return options;
}

bool asks_for_a_name(const std::string& placeholder) {
  const std::vector<std::string> words{"NAME", "FORMAT", "WHEN"};
  return std::any_of(words.begin(), words.end(),
                     [&](const std::string& word) { return placeholder.find(word) != std::string::npos; });
}

bool asks_for_a_file(const std::string& placeholder) {
  return placeholder.find("FILE") != std::string::npos || placeholder.find("PATH") != std::string::npos;
}

}  // namespace

TEST_CASE("Every command of --help is offered, and nothing else") {
  CHECK(commands_of_help().size() >= 11);
  CHECK(offered({""}) == commands_of_help());
  CHECK(offered({}) == commands_of_help());
}

TEST_CASE("Every option of a command's --help is offered behind a dash") {
  for (const std::string& command : commands_of_help()) {
    std::vector<std::string> names;
    for (const HelpedOption& option : options_of_help(command)) {
      names.insert(names.end(), option.names.begin(), option.names.end());
    }
    std::vector<std::string> values = offered({command, "-"});
    std::sort(names.begin(), names.end());
    std::sort(values.begin(), values.end());
    INFO(command);
    CHECK(values == names);
  }
}

TEST_CASE("Every option that asks for a name offers names, and every one that asks for a file offers files") {
  for (const std::string& command : commands_of_help()) {
    for (const HelpedOption& option : options_of_help(command)) {
      if (option.placeholder.empty()) continue;
      const std::vector<std::string> values = offered({command, option.names.back(), ""});
      INFO(command << " " << option.names.back() << " " << option.placeholder);
      if (asks_for_a_name(option.placeholder)) CHECK((!values.empty() && values.front() != ":files"));
      CHECK(has(values, ":files") == asks_for_a_file(option.placeholder) + (option.placeholder == "RECORD"));
    }
  }
}

TEST_CASE("A value that is offered is accepted") {
  for (const std::string command : {"max-context", "breakdown"}) {
    for (const HelpedOption& option : options_of_help(command)) {
      if (option.placeholder.empty() || option.names.back() == "--model" || option.names.back() == "--hardware")
        continue;
      for (const std::string& value : offered({command, option.names.back(), ""})) {
        if (value == ":files") continue;
        const std::string& name = option.names.back();
        const Answer answer = ask({command, "--model", "gpt2", "--budget", "16GiB", "--seq", "1K", name, value});
        INFO(name << " " << value);
        CHECK_THAT(answer.err, !contains("headroom: " + name));
      }
    }
  }
}

TEST_CASE("Models and devices are offered by name, or as files") {
  const std::vector<std::string> models = offered({"max-context", "--model", "lla"});
  CHECK(has(models, "llama-3-8b"));
  CHECK(models.size() == headroom::model_names().size() + 1);
  CHECK(models.back() == ":files");
  CHECK(has(offered({"overlap", "--hardware", ""}), "A100-80GB"));
  CHECK(has(offered({"models", ""}), "gpt2"));
  CHECK(has(offered({"methods", ""}), "flash"));
  CHECK(has(offered({"reproduce", ""}), "ring-table-1"));
}

TEST_CASE("An option that was given is not offered again, by any of its names") {
  const std::vector<std::string> options = offered({"breakdown", "--ranks", "2", "--dropout", "--seq=4K", "-"});
  for (const char* name : {"--ranks", "--devices", "--dropout", "--no-dropout", "--seq"})
    CHECK_FALSE(has(options, name));
  CHECK(has(options, "--model"));
}

TEST_CASE("A value behind an equals sign is offered with its option") {
  CHECK(offered({"models", "--format=j"}) ==
        std::vector<std::string>{"--format=table", "--format=json", "--format=csv"});
}

TEST_CASE("A list of methods goes on with those it does not have") {
  const std::vector<std::string> methods = offered({"compare", "--method", "flash,mst,v"});
  CHECK(has(methods, "flash,mst,vanilla"));
  CHECK_FALSE(has(methods, "flash,mst,flash"));
  CHECK(methods.size() == headroom::method_names().size() - 2);
}

TEST_CASE("An option with a list takes files until the next option") {
  CHECK(offered({"hardware", "A100-80GB", "--calibrated-by", "one.json", ""}) == std::vector<std::string>{":files"});
  CHECK(has(offered({"hardware", "A100-80GB", "--calibrated-by", "one.json", "-"}), "--save-hardware"));
}

TEST_CASE("Where nothing can be listed nothing is offered, and the program stays quiet") {
  CHECK(offered({"breakdown", "--batch", ""}).empty());
  CHECK(offered({"no-such-command", ""}).empty());
  CHECK(ask({"__complete", "breakdown", "--nonsense", ""}).err.empty());
}

TEST_CASE("Completion is no command that help or a refusal names") {
  CHECK_THAT(ask({"--help"}).out, !contains("__complete"));
  CHECK_THAT(ask({"complete"}).err, !contains("__complete"));
}
