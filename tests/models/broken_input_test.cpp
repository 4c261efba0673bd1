#include <fstream>

#include <headroom/models/read.h>

#include "catch.h"
#include "models_test.h"

using namespace headroom;
using headroom::test::contains;
using headroom::test::data;
using headroom::test::Folder;
using headroom::test::refusal;

namespace {

std::string refusal_of_file(const std::string& path) {
  return refusal([&path] { (void)read_model(path); });
}

}  // namespace

TEST_CASE("each broken config.json is refused with a sentence that names the file and the fault") {
  const std::pair<const char*, const char*> rows[] = {
      {"empty", "is not valid JSON: see line 1, column 1"},
      {"truncated", "is not valid JSON: see line 1"},
      {"not-utf8", "is not valid JSON: see line 1, column 18"},
      {"list", "must be a JSON object, not a list"},
      {"deep", "is nested deeper than 64"},
      {"twice", "the key 'hidden_size' appears twice"},
      {"missing-hidden", "the key hidden_size or n_embd is missing"},
      {"negative-heads", "num_attention_heads must be between 1 and 2^40, not the number -32"},
      {"zero-layers", "num_hidden_layers must be between 1 and 2^40, not the number 0"},
      {"absurd-size", "hidden_size must be between 1 and 2^40"},
      {"text-instead-of-number", "vocab_size must be a whole number below 2^63, not the text 'many'"},
      {"float-size", "hidden_size must be a whole number below 2^63, not the number 4096.5"},
      {"huge-integer", "hidden_size must be a whole number below 2^63"},
      {"heads-do-not-divide", "num_attention_heads (31) must divide hidden_size (4096) where head_dim is missing"},
      {"kv-heads-do-not-divide", "kv_heads (7) must divide heads (32)"},
      {"mixture-of-experts", "num_local_experts says that this is a mixture of experts"},
      {"no-experts", "num_local_experts must be between 1 and 2^40, not the number 0"},
      {"too-many-experts-per-token", "kinds[0].experts.per_token (9) must be at most count (8)"},
      {"experts-without-width", "the key moe_intermediate_size is missing"},
      {"endless-mixed-layers", "1073741824 layers are more than the 65536 of which some may have experts"},
      {"negative-shared-experts", "n_shared_experts must be from 0 to 2^40, not the number -1"},
      {"latent-attention", "kv_lora_rank says that this is multi-head latent attention"},
      {"latent-rank-zero", "kv_lora_rank must be between 1 and 2^40, not the number 0"},
      {"latent-without-values", "the key v_head_dim is missing"},
      {"latent-with-bias", "latent goes without qkv_bias"},
      {"falcon-heads-do-not-divide", "num_attention_heads (70) must divide hidden_size (4544)"},
      {"rotates-too-much", "rotary_dim (144) must be at most head_dim (96)"},
      {"nested-missing-hidden", "text_config: the key hidden_size or n_embd is missing"},
      {"encoder-decoder", "is_encoder_decoder says that this is an encoder with a decoder"},
      {"unknown-activation", "not 'sillu'; did you mean 'silu'?"},
      {"layer-types-too-few", "layer_types must have an entry for each of the 32 layers, not 1"},
      {"layer-types-unknown", "not 'full_atention'; did you mean 'full_attention'?"},
  };
  for (const auto& [name, fault] : rows) {
    const std::string path = data("broken/") + name + ".json";
    const std::string sentence = refusal_of_file(path);
    CHECK_THAT(sentence, contains(path));
    CHECK_THAT(sentence, contains(fault));
    CHECK(sentence.find('\n') == std::string::npos);
  }
}

TEST_CASE("a file that cannot be read is refused by name") {
  CHECK_THAT(refusal_of_file("/nonexistent/config.json"),
             contains("cannot read /nonexistent/config.json: No such file"));
  CHECK_THAT(refusal_of_file(data("broken")), contains("is a folder"));
  CHECK_THAT(refusal_of_file("/dev/null"), contains("/dev/null is not valid JSON"));
  CHECK_THAT(refusal_of_file("llama-9-9b"), contains("there is no model 'llama-9-9b'"));
  CHECK_THAT(refusal([] { (void)read_device("A100-80"); }), contains("there is no hardware 'A100-80'; did you mean"));
  CHECK_THAT(refusal([] { (void)read_job("no-such-job.json"); }), contains("cannot read no-such-job.json"));
}

TEST_CASE("a file above 16 MiB is refused, even one without an end") {
  const Folder folder;
  std::ofstream(folder.file("large.json")) << std::string((16U << 20U) + 1, ' ');
  CHECK_THAT(refusal_of_file(folder.file("large.json")), contains("is larger than 16 MiB"));
  CHECK_THAT(refusal_of_file("/dev/zero"), contains("/dev/zero is larger than 16 MiB"));
}

TEST_CASE("deep nesting of a million levels is refused without recursion") {
  for (const char* opening : {"[", "{\"a\":"}) {
    std::string text;
    for (int i = 0; i < 1000000; ++i) text += opening;
    CHECK_THAT(refusal([&text] { (void)parse_job(text, "deep.json"); }), contains("is nested deeper than 64"));
  }
}

TEST_CASE("what a message quotes is cut short and free of control characters") {
  const std::string text = R"({"model_type": "llama", "hidden_size": "\u001b[31m)" + std::string(100000, 'x') + "\"}";
  const std::string sentence = refusal([&text] { (void)parse_model(text, "config.json"); });
  CHECK(sentence.size() < 200);
  CHECK(sentence.find('\x1b') == std::string::npos);
}

TEST_CASE("every prefix of a job file is refused or read, never worse") {
  const std::string text = R"({"headroom": "job/1", "model": "llama-3-8b", "device": "A100-80GB", "method": "mst",
    "recompute": "every:2", "precision": "bf16", "seq": "128K"})";
  for (std::size_t length = 0; length < text.size(); ++length) {
    CHECK_FALSE(refusal([&] { (void)parse_job(text.substr(0, length), "job.json"); }).empty());
  }
  CHECK(refusal([&] { (void)parse_job(text, "job.json"); }).empty());
}
