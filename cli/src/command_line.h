#pragma once

#include <string>

#include <headroom/models/error.h>

namespace CLI {
class App;
class ParseError;
}  // namespace CLI

namespace headroom::cli {

/// What the parser found wrong, in one sentence.
[[nodiscard]] std::string sentence_for(const CLI::ParseError& error);

/// Throws InputError for the first argument that `app` (one command, or the program) has no use for, with the nearest
/// name.
void refuse_leftovers(const CLI::App& app);

/// Throws InputError with the names of all commands.
[[noreturn]] void throw_no_command(const CLI::App& program);

}  // namespace headroom::cli
