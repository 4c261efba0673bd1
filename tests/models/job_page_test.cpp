#include <fstream>
#include <string>
#include <vector>

#include <headroom/models/presets.h>
#include <headroom/models/read.h>

#include "catch.h"

using namespace headroom;

namespace {

/// The JSON blocks of docs/job.md, in order.
std::vector<std::string> examples() {
  std::vector<std::string> blocks;
  bool is_inside = false;
  std::ifstream page(HEADROOM_JOB_PAGE);
  for (std::string line; std::getline(page, line);) {
    if (line == "```json") blocks.emplace_back();
    if (is_inside && line != "```") blocks.back() += line + "\n";
    is_inside = line == "```json" || (is_inside && line != "```");
  }
  return blocks;
}

}  // namespace

TEST_CASE("the examples of docs/job.md can be read and mean what the page says") {
  const std::vector<std::string> blocks = examples();
  REQUIRE(blocks.size() == 4);
  CHECK(parse_job(blocks[0], "docs/job.md").value.method == method_preset("flash").method);
  const Job job = parse_job(blocks[1], "docs/job.md").value;
  CHECK(job.seq == Tokens(131072));
  CHECK(job.method.ffn_chunk == Chunk{ChunkRule::tokens, Tokens(2048)});
  CHECK(job.optimizer.states == StateDType::bf16);
  CHECK(layer_count(parse_model(blocks[2], "docs/job.md").value) == 32);
  CHECK(parse_device(blocks[3], "docs/job.md").value.capacity.certainty == Certainty::measured);
}
