#include <cstdlib>
#include <fstream>
#include <sstream>

#include "ask.h"
#include "catch.h"

using headroom::test::Arguments;
using headroom::test::llama;

namespace {

/// `text` without the paragraph "Status", whose counts change with every record that is kept.
std::string without_status(const std::string& text) {
  std::string result;
  bool is_status = false;
  for (const std::string& line : headroom::test::lines_of(text)) {
    is_status = line.rfind("Status ", 0) == 0 || (is_status && line.rfind("  ", 0) == 0);
    if (!is_status) result += line + "\n";
  }
  return result;
}

std::string transcript(const Arguments& arguments) {
  std::string text = "$ headroom";
  for (const std::string& argument : arguments) text += " " + argument;
  const auto answer = headroom::test::ask(arguments);
  return text + "\n" + without_status(answer.out) + answer.err + "exit code " + std::to_string(answer.code) + "\n";
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
  check_approved("breakdown-ranks",
                 llama({"breakdown", "--method", "ulysses", "--sharding", "zero3", "--seq", "128K", "--ranks", "8"}));
  check_approved("compare", llama({"compare", "--seq", "32K"}));
  check_approved("explain", {"explain", "--model", "gpt2", "--budget", "16GiB", "--method", "vanilla", "--seq", "1K",
                             "--recompute", "none"});
  check_approved("max-batch", llama({"max-batch", "--seq", "4K"}));
  check_approved("max-batch-mst", llama({"max-batch", "--seq", "4K", "--method", "mst"}));
  check_approved("diff", llama({"diff", "--method", "flash", "--seq", "32K", "--with", "head=chunked"}));
  check_approved("timeline", llama({"timeline", "--method", "bpt", "--seq", "16K", "--offload-checkpoints"}));
  check_approved("sweep", llama({"sweep", "--vary", "method=flash,mst", "--vary", "recompute=none,full", "--vary",
                                 "seq=8K:128K:*4"}));
  check_approved("sweep-longest",
                 llama({"sweep", "--vary", "head=dense-fp32,chunked", "--vary", "method=vanilla,bpt,mst"}));
  check_approved("overlap", {"overlap"});
  check_approved("overlap-given", {"overlap", "--hardware", "H100-80GB", "--bandwidth", "50GB/s"});
  check_approved("reproduce", {"reproduce"});
  check_approved("reproduce-ring", {"reproduce", "ring-table-1", "ring-table-2"});
  check_approved("reproduce-ring-3", {"reproduce", "ring-table-3"});
  check_approved("reproduce-bpt", {"reproduce", "bpt-table-2"});
  check_approved("reproduce-korthikanti", {"reproduce", "korthikanti-table-2"});
}
