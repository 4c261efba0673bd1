#include <algorithm>

#include <headroom/models/error.h>
#include <headroom/models/presets.h>
#include <headroom/models/read.h>

#include "catch.h"
#include "models_test.h"

using namespace headroom;
using headroom::test::contains;
using headroom::test::refusal;
using Names = std::vector<std::string_view>;

TEST_CASE("models are listed by family, and the sizes of a family from the smallest on") {
  const Names names = model_names();
  CHECK(names.size() == 93);
  const Names families[] = {
      {"bpt-gpt-1b", "bpt-gpt-3b", "bpt-gpt-7b", "bpt-gpt-13b", "bpt-gpt-30b", "bpt-gpt-70b", "deepseek-v2-lite"},
      {"deepseek-v2", "deepseek-v3", "falcon-7b", "falcon-40b", "falcon-180b", "gemma-2-2b"},
      {"gpt2", "gpt2-medium", "gpt2-large", "gpt2-xl", "gpt3-125m", "gpt3-350m", "gpt3-760m", "gpt3-1.3b"},
      {"llama-1-65b", "llama-2-7b", "llama-2-13b", "llama-2-70b", "llama-3-8b", "llama-3-70b", "llama-3.1-8b"},
      {"megatron-22b", "megatron-175b", "megatron-530b", "megatron-1t", "mistral-7b-v0.1", "mistral-7b-v0.3"},
      {"opt-125m", "opt-350m", "opt-1.3b", "opt-2.7b", "opt-6.7b", "opt-13b", "opt-30b", "opt-66b", "opt-175b"},
      {"phi-3-mini", "phi-3-small", "phi-3-medium", "phi-4", "qwen1.5-0.5b"},
      {"qwen1.5-110b", "qwen2-0.5b", "qwen2-1.5b", "qwen2-7b", "qwen2-57b-a14b", "qwen2-72b", "qwen2.5-0.5b"},
  };
  for (const Names& family : families) {
    CHECK(std::search(names.begin(), names.end(), family.begin(), family.end()) != names.end());
  }
}

TEST_CASE("devices are listed by name") {
  CHECK(device_names() == Names{"A10G",     "A100-40GB", "A100-40GB-PCIe", "A100-80GB", "A100-80GB-PCIe", "B200",
                                "GB200",    "H100-80GB", "H100-80GB-PCIe", "H100-NVL",  "H200",           "H200-NVL",
                                "L4",       "L40S",      "MI250X-GCD",     "MI300X",    "MI325X",         "RTX-3090",
                                "RTX-4090", "RTX-5090",  "RTX-A6000",      "TPU-v3",    "TPU-v4",         "TPU-v5e",
                                "TPU-v5p",  "TPU-v6e",   "V100-16GB",      "V100-32GB"});
}

TEST_CASE("methods are listed from the oldest to the longest context") {
  CHECK(method_names() == Names{"vanilla", "memory-efficient", "flash", "bpt", "mst", "ring", "ulysses", "ring-ulysses",
                                "lss", "megatron-sp", "fpdt", "alst"});
}

TEST_CASE("every preset carries its file's name, holds together and says where it comes from") {
  for (const std::string_view name : model_names()) {
    CAPTURE(name);
    const Transformer model = model_preset(name);
    CHECK(model.name == name);
    CHECK_NOTHROW(validate(model));
    CHECK_FALSE(model.provenance.source.empty());
    CHECK_FALSE(model.provenance.certainty.empty());
  }
  for (const std::string_view name : device_names()) {
    CAPTURE(name);
    const Device device = device_preset(name);
    CHECK(device.name == name);
    CHECK_NOTHROW(validate(device));
    CHECK_FALSE(device.provenance.source.empty());
    CHECK_FALSE(device.provenance.certainty.empty());
    for (const Figure& figure : {device.capacity, device.context, device.workspace, device.allocator_slack}) {
      CHECK_FALSE(figure.origin.empty());
    }
    CHECK(device.memory_bandwidth);
  }
  for (const std::string_view name : method_names()) {
    CAPTURE(name);
    const MethodPreset& preset = method_preset(name);
    CHECK(preset.method.name == name);
    CHECK_FALSE(preset.summary.empty());
    CHECK_THAT(preset.source, contains("arXiv"));
  }
}

TEST_CASE("every preset of a model and a device is what its file says, by the checks of any file") {
  const std::string folder = HEADROOM_PRESETS;
  for (const std::string_view name : model_names()) {
    CHECK(read_model(folder + "/transformers/" + std::string(name) + ".json").value == model_preset(name));
  }
  for (const std::string_view name : device_names()) {
    CHECK(read_device(folder + "/hardware/" + std::string(name) + ".json").value == device_preset(name));
  }
}

TEST_CASE("every method preset has chunks for every axis, so that each can be overridden alone") {
  for (const std::string_view name : method_names()) {
    const Method& method = method_preset(name).method;
    for (const Chunk& chunk : {method.query_chunk, method.kv_chunk, method.ffn_chunk, method.head_chunk}) {
      CHECK((chunk.rule != ChunkRule::tokens || chunk.tokens > Tokens(0)));
    }
  }
}

TEST_CASE("a preset answers to its name in any case and to its other names") {
  CHECK(model_preset("LLAMA-3-8B").name == "llama-3-8b");
  CHECK(model_preset("meta-llama/Meta-Llama-3-8B").name == "llama-3-8b");
  CHECK(model_preset("mistral-7b").name == "mistral-7b-v0.1");
  CHECK(model_preset("llama-30b").name == "llama-1-33b");
  CHECK(device_preset("a100-80gb").name == "A100-80GB");
  CHECK(device_preset("a100-80gb-sxm4").name == "A100-80GB");
  CHECK(device_preset("h100-80gb-sxm5").name == "H100-80GB");
  CHECK(device_preset("b200-sxm").name == "B200");
  CHECK(device_preset("TPU v4").name == "TPU-v4");
  CHECK(method_preset("FLASH").method.attention == Attention::flash);
}

TEST_CASE("an unknown preset is refused with the nearest name, or with all") {
  CHECK_THAT(refusal([] { (void)model_preset("llama3-8b"); }),
             Catch::Matchers::Equals("there is no model 'llama3-8b'; did you mean 'llama-3-8b'?"));
  CHECK_THAT(refusal([] { (void)device_preset("Gaudi3"); }), contains("known are A10G, A100-40GB"));
  CHECK_THAT(refusal([] { (void)model_preset("mamba"); }), contains("headroom models lists the 93 there are"));
  CHECK_THAT(refusal([] { (void)model_preset("qwen3-32"); }), contains("did you mean 'qwen3-32b'?"));
  CHECK_THAT(refusal([] { (void)model_preset("mixtral8x7b"); }), contains("did you mean 'mixtral-8x7b'?"));
  CHECK_THAT(refusal([] { (void)method_preset("flsh"); }), contains("did you mean 'flash'?"));
}

TEST_CASE("an A100-80GB holds what the runtime reports, less a context and a workspace with their certainty") {
  const Device device = device_preset("A100-80GB");
  CHECK(device.capacity.bytes == Bytes(84987084800));
  CHECK(device.capacity.certainty == Certainty::assumed);
  CHECK(device.context.bytes == 550_MiB);
  CHECK(device.workspace.bytes == 8320_KiB);
  CHECK(device.workspace.certainty == Certainty::derived);
  CHECK(device.allocator_slack.bytes == 0_B);
  CHECK(device.link_bandwidth == 300'000'000'000);
}

TEST_CASE("from compute capability 9.0 on the workspace is 32 MiB, and a TPU has none") {
  for (const char* name : {"H100-80GB", "H200", "B200"}) CHECK(device_preset(name).workspace.bytes == 32_MiB);
  CHECK(device_preset("TPU-v4").workspace.bytes == 0_B);
  CHECK(device_preset("TPU-v4").context.bytes == 0_B);
}

TEST_CASE("Gemma-2 alternates a window of 4096 tokens with full attention") {
  const Transformer model = model_preset("gemma-2-9b");
  CHECK(layer_count(model) == 42);
  REQUIRE(model.layer_runs == std::vector<LayerRun>{{21, {0, 1}}});
  CHECK(model.kinds.at(0).window == 4096);
  CHECK_FALSE(model.kinds.at(1).window);
  CHECK(model.kinds.at(0).post_norms);
}

TEST_CASE("bpt fuses blocks of 2048 queries and 4096 keys, mst takes the chunk rules of its paper") {
  const Method& bpt = method_preset("bpt").method;
  CHECK(bpt.feed_forward == FeedForward::blockwise);
  CHECK(bpt.query_chunk == Chunk{ChunkRule::tokens, Tokens(2048)});
  CHECK(bpt.kv_chunk == Chunk{ChunkRule::tokens, Tokens(4096)});
  const Method& mst = method_preset("mst").method;
  CHECK(mst.feed_forward == FeedForward::chunked);
  CHECK(mst.head == Head::chunked);
  CHECK(mst.ffn_chunk.rule == ChunkRule::hidden);
  CHECK(mst.head_chunk.rule == ChunkRule::vocab_over_hidden);
}
