#include "completion.h"

#include <algorithm>
#include <span>
#include <string_view>

namespace headroom::cli {
namespace {

using Words = std::span<const std::string>;

bool is_option(std::string_view word) { return word.size() > 1 && word.front() == '-'; }

/// "--format" of "--format=json"
std::string_view name_of_option(std::string_view word) { return word.substr(0, word.find('=')); }

bool has_name(const ArgumentDescription& argument, std::string_view name) {
  return std::ranges::find(argument.names, name) != argument.names.end();
}

const ArgumentDescription* find_option(const CommandDescription& command, std::string_view name) {
  const auto found =
      std::ranges::find_if(command.arguments, [name](const auto& argument) { return has_name(argument, name); });
  return found == command.arguments.end() ? nullptr : &*found;
}

/// The one that takes the positional word number `index`, from 0.
const ArgumentDescription* find_positional(const CommandDescription& command, std::size_t index) {
  for (const ArgumentDescription& argument : command.arguments) {
    if (!argument.is_positional()) continue;
    if (argument.is_list || index == 0) return &argument;
    --index;
  }
  return nullptr;
}

/// What was said before the word under the cursor.
struct Said {
  const ArgumentDescription* waiting = nullptr;  ///< the option that takes the next word
  std::vector<const ArgumentDescription*> options;
  std::size_t positionals = 0;
};

Said read(const CommandDescription& command, Words words) {
  Said said;
  for (const std::string& word : words) {
    if (is_option(word)) {
      const ArgumentDescription* option = find_option(command, name_of_option(word));
      const bool waits = option != nullptr && option->takes_value() && word.find('=') == std::string::npos;
      said.waiting = waits ? option : nullptr;
      said.options.push_back(option);
    } else if (said.waiting == nullptr) {
      ++said.positionals;
    } else if (!said.waiting->is_list) {
      said.waiting = nullptr;
    }
  }
  return said;
}

/// Behind what is there of a list: "flash,bpt" for "flash,b". What the list has already is not offered again.
void continue_list(std::vector<Candidate>& candidates, std::string_view typed) {
  const std::size_t comma = typed.rfind(',');
  if (comma == std::string_view::npos) return;
  const std::string before(typed.substr(0, comma + 1));
  std::erase_if(candidates, [list = "," + before](const Candidate& candidate) {
    return list.find("," + candidate.value + ",") != std::string::npos;
  });
  for (Candidate& candidate : candidates) candidate.value.insert(0, before);
}

/// Values behind `prefix`, which is "--format=" or nothing.
Completion values(const CommandDescription& command, const ArgumentDescription& argument, const std::string& prefix,
                  std::string_view typed) {
  AcceptedValues accepted = accepted_values(command, argument);
  const bool is_comma_list = argument.placeholder.find("[,") != std::string::npos;
  if (is_comma_list) continue_list(accepted.names, typed);
  for (Candidate& candidate : accepted.names) candidate.value.insert(0, prefix);
  return {std::move(accepted.names), accepted.files};
}

/// Options that were not given yet, by their long names.
Completion options(const CommandDescription& command, const Said& said) {
  Completion completion;
  for (const ArgumentDescription& argument : command.arguments) {
    if (std::ranges::find(said.options, &argument) != said.options.end()) continue;
    for (const std::string& name : argument.names) {
      if (name.starts_with("--")) completion.candidates.push_back({name, argument.description});
    }
  }
  return completion;
}

Completion complete_argument(const CommandDescription& command, Words before, const std::string& word) {
  const Said said = read(command, before);
  const ArgumentDescription* option = find_option(command, name_of_option(word));
  if (const std::size_t equals = word.find('='); option != nullptr && equals != std::string::npos) {
    return values(command, *option, word.substr(0, equals + 1), std::string_view(word).substr(equals + 1));
  }
  if (said.waiting != nullptr && !(said.waiting->is_list && word.starts_with('-'))) {
    return values(command, *said.waiting, "", word);
  }
  const ArgumentDescription* argument = word.starts_with('-') ? nullptr : find_positional(command, said.positionals);
  return argument == nullptr ? options(command, said) : values(command, *argument, "", word);
}

Completion complete_command(const ProgramDescription& program, const std::string& word) {
  if (word.starts_with('-')) return options(program.program, {});
  Completion completion;
  for (const CommandDescription& command : program.commands) {
    completion.candidates.push_back({command.name, command.description});
  }
  return completion;
}

}  // namespace

Completion complete(const ProgramDescription& program, const std::vector<std::string>& words) {
  if (words.empty()) return complete_command(program, "");
  const Words before = Words(words).first(words.size() - 1);
  const auto name = std::ranges::find_if_not(before, is_option);
  if (name == before.end()) return complete_command(program, words.back());
  const auto command = std::ranges::find(program.commands, *name, &CommandDescription::name);
  if (command == program.commands.end()) return {};
  return complete_argument(*command, {name + 1, before.end()}, words.back());
}

std::string to_text(const Completion& completion) {
  std::string text;
  for (const Candidate& candidate : completion.candidates) {
    text += candidate.value;
    if (!candidate.description.empty()) text += '\t' + candidate.description;
    text += '\n';
  }
  return completion.files ? text + ":files\n" : text;
}

}  // namespace headroom::cli
