#include <fstream>

#include <headroom/models/presets.h>
#include <headroom/models/read.h>

#include "ask.h"
#include "catch.h"

using headroom::device_names;
using headroom::device_preset;
using headroom::test::ask;
using headroom::test::ask_json;
using headroom::test::contains;

TEST_CASE("overlap without a device answers for every known device that has both rates and names the others") {
  const auto json = ask_json({"overlap"});
  CHECK(json["schema"] == "headroom/overlap/1");
  std::size_t listed = 0;
  std::size_t missing = 0;
  for (const std::string_view name : device_names()) {
    const headroom::Device device = device_preset(name);
    if (!device.bf16_flops || !device.link_bandwidth) {
      CHECK_THAT(json["notes"].at(missing++).get<std::string>(), contains(std::string(name)));
      continue;
    }
    const auto& answer = json["devices"].at(listed++);
    CHECK(answer["device"] == name);
    CHECK(answer["flops"] == *device.bf16_flops);
    CHECK(answer["link_bandwidth"] == *device.link_bandwidth);
    const std::int64_t block = answer["minimal_block_tokens"];
    CHECK(block * *device.link_bandwidth >= *device.bf16_flops);
    CHECK((block - 1) * *device.link_bandwidth < *device.bf16_flops);
    CHECK(answer["minimal_seq_tokens"] == 6 * block);
  }
  CHECK(json["devices"].size() == listed);
  CHECK(missing > 0);
}

TEST_CASE("overlap takes the rates of a device and those that options give in their place") {
  const auto a100 = ask_json({"overlap", "--hardware", "a100-80gb"})["devices"][0];
  CHECK(a100["minimal_block_tokens"] == 1040);
  CHECK(a100["minimal_seq_tokens"] == 6240);
  const auto infiniband = ask_json({"overlap", "--hardware", "a100-80gb", "--bandwidth", "12.5GB/s"})["devices"][0];
  CHECK(infiniband["minimal_block_tokens"] == 24960);
  const auto given = ask_json({"overlap", "--flops", "123T", "--bandwidth", "112GB/s"})["devices"][0];
  CHECK(given["device"].is_null());
  CHECK(given["minimal_block_tokens"] == 1099);
  CHECK(ask_json({"overlap", "--hardware", "V100-16GB", "--flops", "125T"})["devices"][0]["flops"] == 125000000000000);
}

TEST_CASE("overlap refuses a rate that nobody knows in one sentence") {
  const std::pair<headroom::test::Arguments, std::string> rows[] = {
      {{"--hardware", "V100-16GB"}, "headroom: bf16_flops is not known of V100-16GB; give it with --flops\n"},
      {{"--flops", "312T"}, "headroom: --bandwidth is missing: give it, or a device with --hardware\n"},
      {{"--bandwidth", "1GB/s"}, "headroom: --flops is missing: give it, or a device with --hardware\n"},
      {{"--hardware", "H1000"}, "headroom: there is no hardware 'H1000'; did you mean 'H100"},
      {{"--flops", "0", "--bandwidth", "1GB/s"}, "headroom: --flops must be a positive number"},
      {{"--flops", "1T", "--bandwidth", "1Gb/s"}, "headroom: --bandwidth must be a positive number"},
  };
  for (const auto& [arguments, sentence] : rows) {
    const auto answer = ask(headroom::test::join({"overlap"}, arguments));
    CHECK(answer.code == 2);
    CHECK(answer.out.empty());
    CHECK_THAT(answer.err, contains(sentence));
  }
}

TEST_CASE("overlap refuses the rates of a device file that are not positive") {
  const headroom::test::TemporaryFile file("slow-device.json");
  std::ofstream(file.path()) << R"({"headroom": "hardware/1", "name": "slow", "capacity": {"bytes": 1000},
                                   "bf16_flops": 1000, "link_bandwidth": 0})";
  const auto answer = ask({"overlap", "--hardware", file.path()});
  CHECK(answer.code == 2);
  CHECK_THAT(answer.err, contains("link_bandwidth must be at least 1, not 0"));
}

TEST_CASE("overlap in CSV has a record for each device") {
  const auto lines = headroom::test::lines_of(ask({"overlap", "--hardware", "H200", "--format", "csv"}).out);
  REQUIRE(lines.size() == 2);
  CHECK(lines[0] == "device,flops,link_bandwidth,minimal_block_tokens,minimal_seq_tokens\r");
}
