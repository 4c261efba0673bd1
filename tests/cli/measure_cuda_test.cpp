#include <sys/wait.h>
#include <cstdio>

#include "ask.h"
#include "catch.h"

using headroom::test::Answer;
using headroom::test::contains;
using headroom::test::lines_of;

namespace {

/// Asks the program with all devices hidden; `out` is standard output and standard error.
Answer ask_without_device(const std::string& options) {
  const std::string command = "CUDA_VISIBLE_DEVICES= " HEADROOM_PROGRAM " measure --backend cuda " + options + " 2>&1";
  std::FILE* pipe = popen(command.c_str(), "r");
  REQUIRE(pipe != nullptr);
  Answer answer;
  char buffer[4096];
  for (std::size_t n = 0; (n = std::fread(buffer, 1, sizeof buffer, pipe)) > 0;) answer.out.append(buffer, n);
  const int status = pclose(pipe);
  answer.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return answer;
}

const std::string kJob = "--model gpt2 --hardware h200 --method flash --seq 1K ";

}  // namespace

TEST_CASE("Without a GPU measure --backend cuda is one sentence and exit code 2") {
  const Answer answer = ask_without_device(kJob + "--record /tmp/never-written.json");
  CHECK(answer.code == 2);
  CHECK_THAT(answer.out, contains("no CUDA device can be used here"));
  CHECK(lines_of(answer.out).size() == 1);
}

TEST_CASE("Without a GPU a dry run still prints what is predicted, and exits with 2") {
  const Answer answer = ask_without_device(kJob + "--dry-run");
  CHECK(answer.code == 2);
  CHECK_THAT(answer.out, contains("Would measure gpt2 at 1,024 (1K) tokens with flash") && contains("Predicted:") &&
                             contains("no CUDA device can be used here"));
}
