#include "table.h"

#include <headroom/models/presets.h>

#include "ask.h"
#include "catch.h"
#include "text.h"

using headroom::cli::Align;
using headroom::cli::Style;
using headroom::cli::Table;
using headroom::cli::Tone;
using headroom::test::Arguments;
using headroom::test::ask;
using headroom::test::join;
using headroom::test::lines_of;
using headroom::test::llama;

namespace {

void check_lines(const Arguments& arguments) {
  for (const std::string& line : lines_of(ask(arguments).out)) {
    INFO(line);
    CHECK(headroom::cli::display_width(line) <= headroom::cli::kColumns);
    CHECK((line.empty() || line.back() != ' '));
    CHECK(line.find('\x1b') == std::string::npos);
  }
}

}  // namespace

TEST_CASE("Columns are aligned by what is seen, not by bytes") {
  Table table({{"name"}, {"n", Align::right}});
  table.add({"b·s·h", "1"});
  table.add({"x", "100"});
  CHECK(table.text(Style(false)) == "name     n\nb·s·h    1\nx      100\n");
}

TEST_CASE("Colours change no alignment") {
  Table table({{"name"}, {"n"}});
  table.add({{"a", Tone::bold}, "1"});
  CHECK(table.text(Style(true)) == "\x1b[2mname\x1b[0m  \x1b[2mn\x1b[0m\n\x1b[1ma\x1b[0m     1\n");
}

TEST_CASE("Every line for people fits 80 columns, for every model and device") {
  for (const std::string_view model : headroom::model_names()) {
    for (const std::string hardware : {"B200", "V100-16GB"}) {
      const Arguments job{"--model", std::string(model), "--hardware", hardware, "--precision",
                          "bf16",    "--optimizer",      "sgd"};
      check_lines(join({"max-context"}, job));
      check_lines(join({"compare"}, job));
      for (const std::string seq : {"1K", "256K"}) {
        check_lines(join({"compare", "--seq", seq}, job));
        if (hardware == "B200") continue;
        for (const std::string_view method : headroom::method_names()) {
          check_lines(join({"max-context", "--method", std::string(method)}, job));
          check_lines(join({"breakdown", "--seq", seq, "--method", std::string(method)}, job));
          check_lines(join({"explain", "--sources", "--seq", seq, "--method", std::string(method)}, job));
          check_lines(join({"max-batch", "--seq", seq, "--method", std::string(method)}, job));
          check_lines(join({"diff", "--seq", seq, "--method", std::string(method), "--with", "method=vanilla"}, job));
        }
      }
    }
    check_lines({"models", std::string(model)});
  }
  for (const std::string_view name : headroom::device_names()) check_lines({"hardware", std::string(name)});
  for (const std::string_view name : headroom::method_names()) check_lines({"methods", std::string(name)});
  for (const std::string command : {"models", "hardware", "methods"}) check_lines({command});
}

TEST_CASE("Every line of help fits 80 columns, and help says what 128K is") {
  for (const std::string command : {"max-context", "max-batch", "breakdown", "compare", "diff", "explain", "sweep",
                                    "timeline", "models", "hardware", "methods"}) {
    check_lines({command, "--help"});
  }
  check_lines({"--help"});
  CHECK_THAT(ask({"max-context", "--help"}).out, headroom::test::contains("128K = 131072"));
}

TEST_CASE("Help names every accepted value") {
  const std::string help = ask({"max-context", "--help"}).out;
  for (const std::string_view method : headroom::method_names())
    CHECK_THAT(help, headroom::test::contains(std::string(method)));
  for (const std::string_view name : headroom::names_of<headroom::Attention>())
    CHECK_THAT(help, headroom::test::contains(std::string(name)));
  for (const std::string_view name : headroom::names_of<headroom::Head>())
    CHECK_THAT(help, headroom::test::contains(std::string(name)));
}

TEST_CASE("Colours appear on a terminal or when asked for, and never when refused") {
  const Arguments question = llama({"max-context"});
  const auto is_coloured = [](const std::string& text) { return text.find('\x1b') != std::string::npos; };
  CHECK(is_coloured(ask(question, true).out));
  CHECK_FALSE(is_coloured(ask(question, false).out));
  CHECK(is_coloured(ask(join(question, {"--color", "always"}), false).out));
  CHECK_FALSE(is_coloured(ask(join(question, {"--color", "never"}), true).out));
  CHECK_FALSE(is_coloured(ask(join(question, {"--format", "json"}), true).out));
}

TEST_CASE("A long name from a file neither breaks the table nor reaches the terminal raw") {
  const headroom::test::TemporaryFile file("device.json");
  std::FILE* stream = std::fopen(file.path().c_str(), "w");
  REQUIRE(stream != nullptr);
  const std::string name(200, 'x');
  std::fputs(
      ("{\"headroom\": \"hardware/1\", \"name\": \"\\u001b[31m" + name + "\", \"capacity\": {\"bytes\": 85899345920}}")
          .c_str(),
      stream);
  std::fclose(stream);
  check_lines({"max-context", "--model", "gpt2", "--hardware", file.path()});
  check_lines({"max-context", "--model", "gpt2", "--hardware", file.path(), "--method", "flash"});
  check_lines({"hardware", file.path()});
}
