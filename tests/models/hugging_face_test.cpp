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
  for (const char* name : {"deepseek-v2-lite", "deepseek-v3", "falcon-7b", "falcon-40b", "gemma-2-9b", "gpt2",
                           "llama-2-7b", "llama-3-8b", "mistral-7b-v0.1", "mixtral-8x7b", "opt-350m", "opt-1.3b",
                           "phi-3-mini", "phi-4", "qwen2.5-7b", "qwen2-57b-a14b", "qwen3-8b", "qwen3-30b-a3b"}) {
    CAPTURE(name);
    const auto [model, notes] = read_model(data("hugging-face/") + name + ".json");
    Transformer expected = model_preset(name);
    expected.name = model.name;
    expected.provenance = model.provenance;
    expected.published_parameters.reset();
    CHECK(model == expected);
    CHECK(notes.empty() == (name != std::string("deepseek-v3")));
  }
}

TEST_CASE("a real config.json leads to the checkpoint's number of parameters") {
  const std::pair<const char*, std::int64_t> rows[] = {
      {"gpt-j-6b", 6050882784},  {"gpt-neox-20b", 20554567680}, {"gemma-7b", 8537680896},
      {"gemma-3-1b", 999885952}, {"gemma-3-4b", 3880263168},  // the language model's
  };
  for (const auto& [name, count] : rows) {
    CAPTURE(name);
    CHECK(parameter_count(read_model(data("hugging-face/") + name + ".json").value) == count);
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
  REQUIRE(notes(std::string(kLlama) + R"(, "quantization_config": {"bits": 4})").size() == 1);
  const std::vector<std::string> deepseek = read_model(data("hugging-face/deepseek-v3.json")).notes;
  REQUIRE(deepseek.size() == 2);
  CHECK_THAT(deepseek[0], contains("multi-token prediction"));
  const std::string nested = R"("model_type": "llava", "text_config": {)" + std::string(kLlama) + "}";
  CHECK(parse(nested).hidden == 64);
  REQUIRE(notes(nested).size() == 1);
  CHECK_THAT(notes(nested)[0], contains("text_config"));
}

TEST_CASE("a nested language model without a model_type is of the outer family") {
  const std::string inner = R"("hidden_size": 64, "num_hidden_layers": 6, "intermediate_size": 128)";
  const Transformer model = parse(R"("model_type": "gemma3", "text_config": {)" + inner + "}");
  CHECK(model.kinds.at(0).qk_norm);
  CHECK(model.kinds.at(0).heads == 8);
  CHECK(model.vocab == 262208);
}

TEST_CASE("GPT-J has a head bias and feed-forward biases but none in attention, and one norm for both blocks") {
  const Transformer model = read_model(data("hugging-face/gpt-j-6b.json")).value;
  const LayerKind& kind = model.kinds.at(0);
  CHECK(model.head_bias);
  CHECK(kind.ffn_bias);
  CHECK_FALSE(kind.qkv_bias);
  CHECK(kind.residual == Residual::parallel_shared_norm);
  CHECK(kind.rotary_dim == 64);
}

TEST_CASE("GPT-NeoX computes its blocks in parallel, unless the config says no, and rotates a part of each head") {
  CHECK(parse(family("gpt_neox")).kinds.at(0).residual == Residual::parallel);
  CHECK(parse(family("gpt_neox") + R"(, "use_parallel_residual": false)").kinds.at(0).residual == Residual::pre_norm);
  CHECK(parse(family("gpt_neox")).kinds.at(0).rotary_dim == 4);
  CHECK(parse(family("gpt_neox") + R"(, "rotary_pct": 0.5)").kinds.at(0).rotary_dim == 8);
  CHECK_FALSE(parse(family("gpt_neox") + R"(, "rotary_pct": 1.0)").kinds.at(0).rotary_dim);
  CHECK(parse(family("phi3") + R"(, "partial_rotary_factor": 0.75)").kinds.at(0).rotary_dim == 12);
  CHECK_FALSE(parse(family("phi3")).kinds.at(0).rotary_dim);
}

TEST_CASE("Falcon's older architecture has one key head or all, its newer one a norm for each block") {
  const std::string falcon = R"("model_type": "falcon", "hidden_size": 64, "num_hidden_layers": 2,
    "num_attention_heads": 4, "num_kv_heads": 2, "vocab_size": 100)";
  const auto kind = [&falcon](const std::string& more) { return parse(falcon + more).kinds.at(0); };
  CHECK(kind("").kv_heads == 1);
  CHECK(kind(R"(, "multi_query": false)").kv_heads == 4);
  CHECK(kind(R"(, "new_decoder_architecture": true)").kv_heads == 2);
  CHECK(kind("").residual == Residual::parallel_shared_norm);
  CHECK(kind(R"(, "parallel_attn": false)").residual == Residual::pre_norm);
  CHECK(kind(R"(, "new_decoder_architecture": true)").residual == Residual::parallel);
  CHECK(kind(R"(, "new_decoder_architecture": true, "num_ln_in_parallel_attn": 1)").residual ==
        Residual::parallel_shared_norm);
  CHECK(kind("").ffn_hidden == 256);
  CHECK(kind(R"(, "ffn_hidden_size": 100)").ffn_hidden == 100);
  CHECK(kind(R"(, "bias": true)").qkv_bias);
  CHECK(kind(R"(, "bias": true)").ffn_bias);
  CHECK(parse(falcon).positions == Positions::rope);
  CHECK(parse(falcon + R"(, "alibi": true)").positions == Positions::none);
}

TEST_CASE("OPT's table has two rows more than positions, and biases everywhere or nowhere") {
  const std::string opt = R"("model_type": "opt", "hidden_size": 64, "num_hidden_layers": 2, "ffn_dim": 256,
    "num_attention_heads": 4, "max_position_embeddings": 16, "vocab_size": 100)";
  CHECK(parse(opt).max_positions == 18);
  CHECK(parse(opt).kinds.at(0).out_bias);
  CHECK_FALSE(parse(opt + R"(, "enable_bias": false)").kinds.at(0).ffn_bias);
  CHECK(parse(opt).final_norm);
  CHECK_FALSE(parse(opt + R"(, "_remove_final_layer_norm": true)").final_norm);
  CHECK_FALSE(parse(opt + R"(, "word_embed_proj_dim": 64)").embedding_width);
  CHECK(parse(opt + R"(, "word_embed_proj_dim": 32)").embedding_width == 32);
}

TEST_CASE("of Gemma-3's layers the last of every pattern attends in full") {
  const std::string gemma = R"("model_type": "gemma3_text", "hidden_size": 64, "num_hidden_layers": 8,
    "intermediate_size": 128, "sliding_window": 32)";
  const Transformer model = parse(gemma);
  CHECK(model.layer_runs == std::vector<LayerRun>{{1, {0, 0, 0, 0, 0, 1}}, {2, {0}}});
  CHECK(model.kinds.at(0).window == 32);
  CHECK_FALSE(model.kinds.at(1).window);
  CHECK(parse(gemma + R"(, "sliding_window_pattern": 2)").layer_runs == std::vector<LayerRun>{{4, {0, 1}}});
}

TEST_CASE("layers have experts where the config says, and the dense width elsewhere") {
  const std::string qwen = family("qwen2_moe") + R"(, "num_experts": 8, "num_experts_per_tok": 2,
    "moe_intermediate_size": 32, "shared_expert_intermediate_size": 48)";
  const Transformer everywhere = parse(qwen);
  CHECK(everywhere.layer_runs == std::vector<LayerRun>{{6, {0}}});
  CHECK(everywhere.kinds.at(0).experts == Experts{8, 2, 48, true, false, {}});
  CHECK(everywhere.kinds.at(0).ffn_hidden == 32);
  const Transformer every_second = parse(qwen + R"(, "decoder_sparse_step": 2)");
  CHECK(every_second.layer_runs == std::vector<LayerRun>{{3, {0, 1}}});
  CHECK_FALSE(every_second.kinds.at(0).experts);
  CHECK(every_second.kinds.at(0).ffn_hidden == 128);
  CHECK(every_second.kinds.at(1).experts);
  const Transformer dense_ends = parse(qwen + R"(, "mlp_only_layers": [0, 5])");
  CHECK(dense_ends.layer_runs == std::vector<LayerRun>{{1, {0}}, {4, {1}}, {1, {0}}});
  CHECK_FALSE(parse(family("qwen2_moe") + R"(, "num_experts": 0)").kinds.at(0).experts);
}

TEST_CASE("DeepSeek's first layers are dense, its latents and experts as the config says") {
  const std::string deepseek = family("deepseek_v2") + R"(, "q_lora_rank": null, "kv_lora_rank": 16,
    "qk_nope_head_dim": 8, "qk_rope_head_dim": 4, "v_head_dim": 8, "head_dim": 4)";
  const Transformer dense = parse(deepseek);
  CHECK(dense.kinds.at(0).latent == LatentAttention{std::nullopt, 16, 4, 8});
  CHECK(dense.kinds.at(0).head_dim == 12);
  CHECK_FALSE(dense.kinds.at(0).experts);
  const Transformer mixed = parse(deepseek + R"(, "n_routed_experts": 8, "num_experts_per_tok": 2,
    "moe_intermediate_size": 32, "first_k_dense_replace": 2, "n_shared_experts": 3)");
  CHECK(mixed.layer_runs == std::vector<LayerRun>{{2, {0}}, {4, {1}}});
  CHECK(mixed.kinds.at(1).experts == Experts{8, 2, 96, false, false, {}});
}
