#include <headroom/models/presets.h>
#include <headroom/sim/communication.h>
#include <headroom/sim/honesty.h>
#include <headroom/sim/max_context.h>

#include "ask.h"
#include "catch.h"

using headroom::Category;
using headroom::Job;
using headroom::name_of;
using headroom::Tokens;
using headroom::test::Arguments;
using headroom::test::ask_json;
using headroom::test::llama;
using nlohmann::ordered_json;

namespace {

/// What llama() describes, without the command line.
Job llama_job(std::string_view method) {
  Job job;
  job.model = headroom::model_preset("llama-3-8b");
  job.device = headroom::device_preset("A100-80GB");
  job.method = headroom::method_preset(method).method;
  job.precision = headroom::Precision::bf16;
  job.optimizer.states = headroom::StateDType::bf16;
  return job;
}

void check_breakdown(const ordered_json& json, const headroom::sim::Breakdown& breakdown) {
  CHECK(json["seq_tokens"] == breakdown.seq.count());
  CHECK(json["allocated_bytes"] == breakdown.allocated.count());
  CHECK(json["device_bytes"] == breakdown.device.count());
  CHECK(json["instant"] == name_of(breakdown.moment.instant));
  CHECK(json["binding"] == name_of(breakdown.binding));
  std::int64_t sum = 0;
  for (const auto& [name, bytes] : json["category_bytes"].items()) {
    CHECK(bytes == breakdown.categories[headroom::value_of<Category>(name, "category")].count());
    sum += bytes.get<std::int64_t>();
  }
  CHECK(json["category_bytes"].size() == headroom::kCategoryCount);
  CHECK(sum == breakdown.device.count());
}

}  // namespace

TEST_CASE("every command speaks of the ranks that --devices arranges") {
  const auto with = [](const char* command, const Arguments& ranks) {
    return ask_json(headroom::test::join(llama({command, "--method", "ring", "--seq", "64K"}), ranks));
  };
  for (const char* command : {"breakdown", "explain"}) {
    INFO(command);
    CHECK(with(command, {"--devices", "4"})["breakdown"] == with(command, {"--sequence-parallel", "4"})["breakdown"]);
    CHECK(with(command, {"--devices", "4"})["tensors"] == with(command, {"--sequence-parallel", "4"})["tensors"]);
  }
}

TEST_CASE("max-context in JSON says what the library says, for every method") {
  const ordered_json json = ask_json(llama({"max-context"}));
  CHECK(json["schema"] == "headroom/max-context/1");
  REQUIRE(json["results"].size() == headroom::methods_on({}).size());
  std::size_t i = 0;
  for (const std::string_view method : headroom::methods_on({})) {
    const ordered_json& result = json["results"][i++];
    INFO(method);
    CHECK(result["method"] == method);
    const auto expected = max_context(headroom::sim::Predictor(llama_job(method)), {});
    CHECK(result["max_context_tokens"] == expected.tokens.count());
    CHECK(result["capacity_bytes"] == expected.capacity.count());
    CHECK(result["next_tokens"] == expected.next.count());
    CHECK(result["shortfall_bytes"] == expected.shortfall.count());
    CHECK(result["next_wall"]["tokens"] == expected.next_wall.tokens.count());
    CHECK(result["next_wall"]["binding"] == name_of(expected.next_wall.binding));
    check_breakdown(result["breakdown"], expected.breakdown);
  }
}

TEST_CASE("breakdown and compare in JSON say what the library says") {
  const auto expected = headroom::sim::Predictor(llama_job("mst")).breakdown(Tokens(65536));
  const ordered_json one = ask_json(llama({"breakdown", "--method", "mst", "--seq", "64K"}));
  CHECK(one["schema"] == "headroom/breakdown/1");
  check_breakdown(one["breakdown"], expected);
  CHECK(one["breakdown"]["runners_up"].size() == expected.runners_up.size());
  const ordered_json two = ask_json(llama({"compare", "--method", "flash,mst", "--seq", "64K"}));
  CHECK(two["schema"] == "headroom/compare/1");
  REQUIRE(two["results"].size() == 2);
  check_breakdown(two["results"][1]["breakdown"], expected);
}

TEST_CASE("breakdown in JSON says what the first of several ranks sends, and null for one rank") {
  const Arguments question = llama({"breakdown", "--method", "ring", "--sharding", "zero3", "--seq", "16K"});
  CHECK(ask_json(question)["sent"] == nullptr);
  const ordered_json json = ask_json(headroom::test::join(question, {"--ranks", "4"}))["sent"];
  Job job = llama_job("ring");
  job.method.sharding = headroom::StateSharding::zero3;
  job.degrees.sequence = 4;
  const headroom::sim::Communication sent = headroom::sim::communication(job, Tokens(16384));
  CHECK(json["rank"] == 0);
  CHECK(json["step"]["total"]["bytes"] == sent.step().total().bytes.count());
  CHECK(json["step"]["total"]["messages"] == sent.step().total().messages);
  REQUIRE(json["layers"].size() == 1);
  CHECK(json["layers"][0]["layers"] == 32);
  const auto& each = sent.layers.front().each;
  CHECK(json["layers"][0]["backward"]["sequence"]["bytes"] ==
        each.backward[headroom::sim::Purpose::sequence].bytes.count());
  CHECK(json["layers"][0]["recompute"]["parameters"]["messages"] ==
        each.recompute[headroom::sim::Purpose::parameters].messages);
  CHECK(json["head"]["forward"]["loss"]["messages"] == 3);
  CHECK(json["link_bandwidth"] == *job.device.link_bandwidth);
  CHECK(json["least_link_seconds"].get<double>() > 0);
}

TEST_CASE("explain's tensors sum to the peak") {
  const ordered_json json = ask_json(llama({"explain", "--method", "bpt", "--seq", "16K"}));
  CHECK(json["schema"] == "headroom/explain/1");
  std::int64_t sum = 0;
  for (const auto& tensor : json["tensors"]) {
    CHECK(tensor["count"].get<std::int64_t>() * tensor["each_bytes"].get<std::int64_t>() == tensor["total_bytes"]);
    sum += tensor["total_bytes"].get<std::int64_t>();
  }
  CHECK(sum == json["peak_allocated_bytes"]);
  CHECK(sum == json["breakdown"]["allocated_bytes"]);
}

TEST_CASE("Every answer in JSON carries its assumptions, whose memory it is and whether it was measured") {
  for (const Arguments& question : {Arguments{"max-context"}, Arguments{"compare"}, Arguments{"compare", "--seq", "4K"},
                                    Arguments{"breakdown", "--method", "flash", "--seq", "4K"},
                                    Arguments{"explain", "--method", "flash", "--seq", "4K"}}) {
    const ordered_json json = ask_json(llama(question));
    const auto expected = headroom::sim::assumptions(llama_job("flash"));
    REQUIRE(json["assumptions"].size() == expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
      CHECK(json["assumptions"][i]["subject"] == expected[i].subject);
      CHECK(json["assumptions"][i]["bytes"] == expected[i].figure.bytes.count());
      CHECK(json["assumptions"][i]["certainty"] == name_of(expected[i].figure.certainty));
      CHECK(json["assumptions"][i]["origin"] == expected[i].figure.origin);
    }
    CHECK(json["runtime_note"] == headroom::sim::runtime_note());
    CHECK(json["notes"].is_array());
    const ordered_json& first = json.contains("results") ? json["results"][0] : json;
    CHECK_FALSE(first["measured_status"].get<std::string>().empty());
  }
}

TEST_CASE("A budget counts allocated bytes alone") {
  const ordered_json json = ask_json({"max-context", "--model", "gpt2", "--budget", "8GiB", "--method", "flash"});
  const ordered_json& result = json["results"][0];
  CHECK(result["capacity_bytes"] == (std::int64_t{8} << 30));
  CHECK(result["breakdown"]["allocated_bytes"] == result["breakdown"]["device_bytes"]);
}

TEST_CASE("A grid of powers of two answers with a power of two") {
  const ordered_json json = ask_json(llama({"max-context", "--grid", "pow2", "--method", "flash"}));
  CHECK(json["results"][0]["max_context_tokens"] == 32768);
  CHECK(json["results"][0]["next_tokens"] == 65536);
  CHECK(ask_json(llama({"max-context", "--grid", "1", "--method", "flash"}))["results"][0]["max_context_tokens"] >=
        34304);
}

TEST_CASE("Options are found in the job that the answer carries") {
  const ordered_json json = ask_json({"max-context",
                                      "--model",
                                      "gpt2",
                                      "--hardware",
                                      "h200",
                                      "--method",
                                      "mst",
                                      "--attention",
                                      "memory-efficient",
                                      "--head",
                                      "fused",
                                      "--query-chunk",
                                      "512",
                                      "--kv-chunk",
                                      "1K",
                                      "--ffn-chunk",
                                      "mst-code",
                                      "--head-chunk",
                                      "shards-of-hidden",
                                      "--recompute",
                                      "every:3",
                                      "--precision",
                                      "fp32",
                                      "--optimizer",
                                      "sgd",
                                      "--batch",
                                      "4",
                                      "--accumulate",
                                      "--dropout"});
  const ordered_json& job = json["results"][0]["job"];
  CHECK(job["method"]["attention"] == "memory-efficient");
  CHECK(job["method"]["head"] == "fused");
  CHECK(job["method"]["query_chunk"] == 512);
  CHECK(job["method"]["kv_chunk"] == 1024);
  CHECK(job["method"]["ffn_chunk"] == "mst-code");
  CHECK(job["method"]["head_chunk"] == "shards-of-hidden");
  CHECK(job["recompute"] == "every:3");
  CHECK(job["precision"] == "fp32");
  CHECK(job["optimizer"] == "sgd");
  CHECK(job["batch"] == 4);
  CHECK(job["accumulate"] == true);
  CHECK(job["dropout"] == true);
}

TEST_CASE("Lists in JSON name every preset") {
  CHECK(ask_json({"models"})["models"].size() == headroom::model_names().size());
  CHECK(ask_json({"hardware"})["devices"].size() == headroom::device_names().size());
  CHECK(ask_json({"methods"})["methods"].size() == headroom::method_names().size());
  CHECK(ask_json({"models", "gpt2"})["models"][0]["parameters"] == parameter_count(headroom::model_preset("gpt2")));
}
