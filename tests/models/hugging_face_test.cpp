#include <headroom/models/presets.h>
#include <headroom/models/read.h>

#include "catch.h"
#include "models_test.h"

using namespace headroom;
using headroom::test::contains;
using headroom::test::data;

namespace {

constexpr const char* kLlama = R"("model_type": "llama", "hidden_size": 64, "num_hidden_layers": 6,
  "num_attention_heads": 4, "intermediate_size": 128, "vocab_size": 100)";

Transformer parse(const std::string& fields) { return parse_model("{" + fields + "}", "config.json").value; }

std::vector<std::string> notes(const std::string& fields) {
  return parse_model("{" + fields + "}", "config.json").notes;
}

/// kLlama with another model_type.
std::string family(const std::string& model_type) {
  std::string fields = kLlama;
  return fields.replace(fields.find("llama"), 5, model_type);
}

}  // namespace

TEST_CASE("a real config.json describes the same model as the preset") {
  for (const char* name : {"gpt2", "llama-2-7b", "llama-3-8b", "qwen2.5-7b", "mistral-7b", "gemma-2-9b"}) {
    CAPTURE(name);
    const auto [model, notes] = read_model(data("hugging-face/") + name + ".json");
    Transformer expected = model_preset(name);
    expected.name = model.name;
    expected.provenance = model.provenance;
    expected.published_parameters.reset();
    CHECK(model == expected);
    CHECK(notes.empty());
  }
}

TEST_CASE("the name is _name_or_path, else the file") {
  CHECK(read_model(data("hugging-face/llama-2-7b.json")).value.name == "meta-llama/Llama-2-7b-hf");
  CHECK(read_model(data("hugging-face/gpt2.json")).value.name == data("hugging-face/gpt2.json"));
}

TEST_CASE("fields that are left out or null take the default of the family") {
  const Transformer model = parse(std::string(kLlama) + R"(, "num_key_value_heads": null, "head_dim": null)");
  CHECK(model.kinds.at(0).kv_heads == 4);
  CHECK(model.kinds.at(0).head_dim == 16);
  CHECK_FALSE(model.tied_embeddings);
  CHECK(parse(family("gemma2")).tied_embeddings);
  CHECK(parse(family("gemma2")).kinds.at(0).head_dim == 256);
  CHECK(parse(family("qwen2")).kinds.at(0).qkv_bias);
  CHECK_FALSE(parse(family("qwen2")).kinds.at(0).out_bias);
  CHECK(parse(R"("model_type": "gpt2", "n_embd": 8, "n_head": 2, "n_layer": 1, "n_positions": 16, "vocab_size": 9,
                 "n_inner": null)")
            .kinds.at(0)
            .ffn_hidden == 32);
}

TEST_CASE("Llama's attention_bias and mlp_bias are biases") {
  const LayerKind kind = parse(std::string(kLlama) + R"(, "attention_bias": true, "mlp_bias": true)").kinds.at(0);
  CHECK(kind.qkv_bias);
  CHECK(kind.out_bias);
  CHECK(kind.ffn_bias);
}

TEST_CASE("the activation names one of the four, with the family's gate") {
  CHECK(parse(std::string(kLlama) + R"(, "hidden_act": "gelu")").kinds.at(0).activation == Activation::geglu);
  CHECK(parse(std::string(kLlama) + R"(, "hidden_act": "silu")").kinds.at(0).activation == Activation::swiglu);
  CHECK(parse(family("gpt_neox")).kinds.at(0).activation == Activation::gelu);
}

TEST_CASE("a window is left out with null, and taken from the family when the field is missing") {
  CHECK(parse(family("mistral")).kinds.at(0).window == 4096);
  CHECK_FALSE(parse(family("mistral") + R"(, "sliding_window": null)").kinds.at(0).window);
}

TEST_CASE("Qwen's window begins behind max_window_layers, if it is used at all") {
  const std::string fields = family("qwen2") + R"(, "sliding_window": 32, "max_window_layers": 4)";
  CHECK(parse(fields).layer_runs == std::vector<LayerRun>{{6, {0}}});
  const Transformer model = parse(fields + R"(, "use_sliding_window": true)");
  CHECK(model.layer_runs == std::vector<LayerRun>{{4, {0}}, {2, {1}}});
  CHECK_FALSE(model.kinds.at(0).window);
  CHECK(model.kinds.at(1).window == 32);
}

TEST_CASE("an odd number of alternating layers ends with a windowed one") {
  const Transformer model = parse(R"("model_type": "gemma2", "hidden_size": 64, "num_hidden_layers": 5,
    "num_attention_heads": 4, "intermediate_size": 128, "vocab_size": 100)");
  CHECK(model.layer_runs == std::vector<LayerRun>{{2, {0, 1}}, {1, {0}}});
}

TEST_CASE("layer_types are read as a repeated period, or stretch by stretch") {
  const std::string full = R"("full_attention")";
  const std::string sliding = R"("sliding_attention")";
  const auto runs = [](const std::string& types) {
    return parse(family("mistral") + R"(, "sliding_window": 8, "layer_types": [)" + types + "]").layer_runs;
  };
  const auto list = [](std::initializer_list<std::string> types) {
    std::string text;
    for (const auto& type : types) text += (text.empty() ? "" : ", ") + type;
    return text;
  };
  CHECK(runs(list({sliding, full, sliding, full, sliding, full})) == std::vector<LayerRun>{{3, {0, 1}}});
  CHECK(runs(list({full, full, full, full, full, full})) == std::vector<LayerRun>{{6, {0}}});
  CHECK(runs(list({full, full, sliding, full, full, sliding})) == std::vector<LayerRun>{{2, {0, 0, 1}}});
  CHECK(runs(list({full, full, full, full, sliding, sliding})) == std::vector<LayerRun>{{4, {0}}, {2, {1}}});
}

TEST_CASE("an unknown model_type is read from the standard fields, with a note that says what was taken") {
  const auto [model, notes] = parse_model("{" + family("frobnicate") + "}", "config.json");
  CHECK(parameter_count(model) == parameter_count(parse(kLlama)));
  REQUIRE(notes.size() == 1);
  CHECK(notes[0] ==
        "model_type 'frobnicate' is unknown; taken from the standard fields: norm rmsnorm, positions rope, "
        "activation swiglu");
}

TEST_CASE("an unknown model_type with a plain GELU and LayerNorm's epsilon has neither gate nor RMSNorm") {
  const Transformer model = parse(family("starcoder2") + R"(, "hidden_act": "gelu", "layer_norm_eps": 1e-5)");
  CHECK(model.kinds.at(0).activation == Activation::gelu);
  CHECK(model.norm == Norm::layernorm);
}

TEST_CASE("what the description leaves out is noted") {
  CHECK(notes(kLlama).empty());
  REQUIRE(notes(family("gpt_neox")).size() == 1);
  CHECK_THAT(notes(family("gpt_neox"))[0], contains("parallel"));
  CHECK(notes(family("gpt_neox") + R"(, "use_parallel_residual": false)").empty());
  REQUIRE(notes(std::string(kLlama) + R"(, "quantization_config": {"bits": 4})").size() == 1);
  const std::string nested = R"("model_type": "llava", "text_config": {)" + std::string(kLlama) + "}";
  CHECK(parse(nested).hidden == 64);
  REQUIRE(notes(nested).size() == 1);
  CHECK_THAT(notes(nested)[0], contains("text_config"));
}

TEST_CASE("GPT-J has a head bias and feed-forward biases but none in attention") {
  const Transformer model = parse(R"("model_type": "gptj", "n_embd": 4096, "n_head": 16, "n_layer": 28, "n_inner": null,
    "n_positions": 2048, "vocab_size": 50400, "rotary_dim": 64, "tie_word_embeddings": false)");
  CHECK(model.head_bias);
  CHECK(model.kinds.at(0).ffn_bias);
  CHECK_FALSE(model.kinds.at(0).qkv_bias);
  // 6,050,882,784 in the checkpoint, which has one norm a layer where this description has two.
  CHECK(parameter_count(model) - std::int64_t{28} * 2 * 4096 == 6050882784);
}
