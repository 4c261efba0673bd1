#include <sys/wait.h>
#include <cstdio>

#include "ask.h"
#include "catch.h"

using headroom::test::Answer;
using headroom::test::contains;

namespace {

/// Runs `command` in a shell with $headroom as the program; `out` is its standard output.
Answer shell(const std::string& command) {
  std::FILE* pipe = popen(("headroom=" HEADROOM_PROGRAM "; " + command).c_str(), "r");
  REQUIRE(pipe != nullptr);
  Answer answer;
  char buffer[4096];
  for (std::size_t n = 0; (n = std::fread(buffer, 1, sizeof buffer, pipe)) > 0;) answer.out.append(buffer, n);
  const int status = pclose(pipe);
  answer.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return answer;
}

const std::string kQuestion = "\"$headroom\" max-context --model llama-3-8b --hardware a100-80gb --precision bf16 ";

}  // namespace

TEST_CASE("The program answers with the exit code of its answer") {
  CHECK(shell(kQuestion + "--optimizer-states bf16 2>/dev/null").code == 0);
  CHECK(shell(kQuestion).code == 3);
  CHECK(shell(kQuestion + "--nonsense 2>/dev/null").code == 2);
}

TEST_CASE("A result that cannot be written is an error in one sentence") {
  for (const std::string& command : {kQuestion + "2>&1 >/dev/full", kQuestion + "2>&1 >&-"}) {
    const Answer answer = shell(command);
    CHECK(answer.code == 2);
    CHECK_THAT(answer.out, contains("headroom: the result could not be written to standard output"));
    CHECK(headroom::test::lines_of(answer.out).size() == 1);
  }
}

TEST_CASE("A reader that goes away ends the program with an error, not with a signal") {
  const Answer answer =
      shell("exec 3>&1; { sleep 0.2; \"$headroom\" models --format json 2>/dev/null; echo $? >&3; } | true");
  CHECK(answer.out == "2\n");
}

TEST_CASE("Without a terminal nothing is coloured, and NO_COLOR gives way only to --color always") {
  CHECK_THAT(shell("\"$headroom\" models").out, !contains("\x1b"));
  CHECK_THAT(shell("NO_COLOR=1 \"$headroom\" models").out, !contains("\x1b"));
  CHECK_THAT(shell("NO_COLOR=1 \"$headroom\" models --color always").out, contains("\x1b"));
}

TEST_CASE("Results go to standard output and notes to standard error") {
  CHECK_THAT(shell(kQuestion + "--optimizer-states bf16 2>/dev/null").out, !contains("note:"));
  CHECK_THAT(shell(kQuestion + "--optimizer-states bf16 2>&1 >/dev/null").out, contains("headroom: note: llama-3-8b"));
}
