#include "csv.h"

#include <algorithm>

#include "ask.h"
#include "catch.h"

using headroom::cli::csv_record;
using headroom::test::Arguments;
using headroom::test::ask;
using headroom::test::llama;

namespace {

/// Fields of a record without line breaks in quotes.
std::size_t field_count(const std::string& line) {
  std::size_t count = 1;
  bool is_quoted = false;
  for (const char c : line) {
    if (c == '"') is_quoted = !is_quoted;
    if (c == ',' && !is_quoted) ++count;
  }
  return count;
}

}  // namespace

TEST_CASE("CSV quotes commas, quotes and line breaks as RFC 4180 says") {
  CHECK(csv_record({"a", "b,c", "d\"e", "f\ng", ""}) == "a,\"b,c\",\"d\"\"e\",\"f\ng\",\r\n");
  CHECK(csv_record({"", "a"}) == ",a\r\n");
}

TEST_CASE("Every record of a CSV has as many fields as its header") {
  for (const Arguments& question :
       {llama({"max-context"}), llama({"max-context", "--feed-forward", "blockwise"}),
        llama({"compare", "--feed-forward", "blockwise"}), llama({"compare", "--seq", "8K"}),
        llama({"breakdown", "--method", "bpt", "--seq", "8K"}), llama({"explain", "--method", "bpt", "--seq", "8K"}),
        llama({"breakdown", "--method", "ring", "--seq", "8K", "--ranks", "4"}), Arguments{"models"},
        Arguments{"hardware"}, Arguments{"methods"}}) {
    const auto answer = ask(headroom::test::join(question, {"--format", "csv"}));
    CHECK(answer.code == 0);
    const auto lines = headroom::test::lines_of(answer.out);
    REQUIRE(lines.size() >= 2);
    for (const std::string& line : lines) {
      INFO(line);
      CHECK(line.back() == '\r');
      CHECK(field_count(line) == field_count(lines.front()));
    }
  }
}
