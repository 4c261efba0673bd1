#include <sys/wait.h>
#include <cstdio>
#include <filesystem>
#include <fstream>

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

namespace {

const std::string kSweep = "\"$headroom\" sweep --model gpt2 --budget 80GiB --method flash --format csv --vary ";

/// Records of a sweep's seq axis 1, 2, 3, ... in a file: how many there are, all whole and in their order.
std::int64_t whole_rows(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  std::int64_t rows = 0;
  REQUIRE(std::getline(file, line));
  CHECK_THAT(line, contains("seq_tokens,refused"));
  while (std::getline(file, line)) {
    const bool is_whole = !file.eof() && line.back() == '\r' && line.rfind(std::to_string(++rows) + ",", 0) == 0;
    if (!is_whole) FAIL("row " << rows << ": " << line);
  }
  return rows;
}

bool is_there(const std::string& path) { return std::filesystem::exists(path); }

}  // namespace

TEST_CASE("A sweep that is interrupted ends with whole rows in their order, says how many, and 130") {
  const headroom::test::TemporaryFile rows("interrupted.csv");
  const headroom::test::TemporaryFile partial("interrupted.csv.partial");
  const std::string endless = "timeout --preserve-status -s INT 0.5 " + kSweep + "seq=1:1048576M:+1 ";
  const Answer printed = shell(endless + "2>&1 >" + rows.path());
  CHECK(printed.code == 130);
  const std::int64_t answered = whole_rows(rows.path());
  CHECK(answered > 0);
  CHECK(answered % 4096 == 0);
  CHECK_THAT(printed.out, contains("of 1,099,511,627,776 jobs are answered, in standard output"));
  std::filesystem::remove(rows.path());

  const Answer saved = shell(endless + "--output " + rows.path() + " 2>&1");
  CHECK(saved.code == 130);
  CHECK_FALSE(is_there(rows.path()));
  CHECK(whole_rows(partial.path()) > 0);
  CHECK_THAT(saved.out, contains("jobs are answered, in ") && contains(".partial"));
  CHECK(shell("timeout --preserve-status -s TERM 0.3 " + kSweep + "seq=1:1048576M:+1 2>&1 >/dev/null").code == 143);
}

TEST_CASE("A timeline that is interrupted leaves no file and ends with 130") {
  const headroom::test::TemporaryFile file("interrupted.json");
  const Answer answer = shell(
      "timeout --preserve-status -s INT 0.3 \"$headroom\" timeline --model gpt2 --budget 80GiB --method bpt --seq 16M "
      "--query-chunk 64 --kv-chunk 64 --format trace --output " +
      file.path() + " 2>&1");
  CHECK(answer.code == 130);
  CHECK_THAT(answer.out, contains("events of the timeline"));
  CHECK_FALSE(is_there(file.path()));
}

TEST_CASE("A sweep onto a full disk says so, ends with 2 and leaves whole rows or no file") {
  const headroom::test::TemporaryFile rows("full.csv");
  const std::string full = "ulimit -f 1000; " + kSweep + "seq=1:100K:+1 ";
  const Answer printed = shell(full + "2>&1 >" + rows.path());
  CHECK(printed.code == 2);
  CHECK_THAT(printed.out, contains("could not be written to standard output: File too large"));
  CHECK(whole_rows(rows.path()) > 1000);
  std::filesystem::remove(rows.path());

  const Answer saved = shell(full + "--output " + rows.path() + " 2>&1");
  CHECK(saved.code == 2);
  CHECK_THAT(saved.out, contains("cannot write " + rows.path() + ": File too large"));
  CHECK_FALSE(is_there(rows.path()));
  const Answer device = shell(kSweep + "seq=1:100K:+1 2>&1 >/dev/full");
  CHECK(device.code == 2);
  CHECK_THAT(device.out, contains("No space left on device"));
}
