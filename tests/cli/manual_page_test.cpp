#include "manual_page.h"

#include <cctype>
#include <fstream>
#include <set>
#include <sstream>
#include <string>

#include "ask.h"
#include "catch.h"
#include "program.h"

using headroom::test::ask;
using headroom::test::contains;

namespace {

std::string built_page() {
  std::ifstream file(HEADROOM_MANUAL);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

/// The page as it is read: without fonts and escapes.
std::string text_of(std::string page) {
  for (const char* font : {"\\fB", "\\fI", "\\fR"}) {
    for (std::size_t at = 0; (at = page.find(font)) != std::string::npos;) page.erase(at, 3);
  }
  for (std::size_t at = 0; (at = page.find("\\-", at)) != std::string::npos;) page.erase(at, 1);
  return page;
}

/// Every word of a text that begins with two dashes.
std::set<std::string> long_options(const std::string& text) {
  std::set<std::string> names;
  for (std::size_t at = 0; (at = text.find("--", at)) != std::string::npos;) {
    std::size_t end = at + 2;
    while (end < text.size() && (std::islower(static_cast<unsigned char>(text[end])) != 0 || text[end] == '-')) ++end;
    if (end > at + 2) names.insert(text.substr(at, end - at));
    at = end;
  }
  return names;
}

}  // namespace

TEST_CASE("The manual page that is installed is the one that this program's commands describe") {
  const headroom::cli::Program program;
  CHECK(built_page() == headroom::cli::manual_page(headroom::cli::describe(program.parser())));
}

TEST_CASE("The manual page has every command and every option of --help, and no other") {
  const headroom::cli::Program program;
  const std::string page = text_of(built_page());
  std::set<std::string> options = long_options(ask({"--help"}).out);
  for (const auto& command : headroom::cli::describe(program.parser()).commands) {
    CHECK_THAT(page, contains("\n.SS " + command.name + "\n"));
    options.merge(long_options(ask({command.name, "--help"}).out));
  }
  CHECK(long_options(page) == options);
}

TEST_CASE("The manual page describes an option that commands share once") {
  const std::string page = text_of(built_page());
  const auto count = [&page](const std::string& text) {
    std::size_t found = 0;
    for (std::size_t at = 0; (at = page.find(text, at)) != std::string::npos; ++at) ++found;
    return found;
  };
  CHECK(count("\n--precision NAME\n") == 1);
  CHECK(count("\n-h, --help\n") == 1);
  CHECK(count("\n--against RECORD\n") == 1);
}

TEST_CASE("The examples of the manual page are answered") {
  for (const headroom::cli::Example& example : headroom::cli::manual_examples()) {
    const auto answer = ask(example.arguments);
    INFO(example.question);
    if (answer.code == 2) {
      CHECK_THAT(answer.err, contains("path/config.json"));
    } else {
      CHECK((answer.code == 0 || answer.code == 3));
    }
  }
}
