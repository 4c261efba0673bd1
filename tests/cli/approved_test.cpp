#include <cstdlib>
#include <fstream>
#include <sstream>

#include "ask.h"
#include "catch.h"

using headroom::test::Arguments;
using headroom::test::llama;

namespace {

std::string transcript(const Arguments& arguments) {
  std::string text = "$ headroom";
  for (const std::string& argument : arguments) text += " " + argument;
  const auto answer = headroom::test::ask(arguments);
  return text + "\n" + answer.out + answer.err + "exit code " + std::to_string(answer.code) + "\n";
}

std::string read(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

/// Compares with approved/<name>.txt. HEADROOM_APPROVE=1 writes it instead: look at the difference, then commit it.
void check_approved(const std::string& name, const Arguments& arguments) {
  const std::string path = HEADROOM_APPROVED "/" + name + ".txt";
  const std::string now = transcript(arguments);
  if (std::getenv("HEADROOM_APPROVE") != nullptr) std::ofstream(path) << now;
  INFO("approve with: HEADROOM_APPROVE=1 cli_test 'Outputs are as approved'");
  CHECK(now == read(path));
}

}  // namespace

TEST_CASE("Outputs are as approved") {
  check_approved("max-context", llama({"max-context"}));
  check_approved("max-context-flash", llama({"max-context", "--method", "flash"}));
  check_approved("nothing-fits",
                 {"max-context", "--model", "llama-3-8b", "--hardware", "A100-80GB", "--precision", "bf16"});
  check_approved("breakdown", llama({"breakdown", "--method", "mst", "--seq", "128K"}));
  check_approved("compare", llama({"compare", "--seq", "32K"}));
  check_approved("explain", {"explain", "--model", "gpt2", "--budget", "16GiB", "--method", "vanilla", "--seq", "1K",
                             "--recompute", "none"});
}
