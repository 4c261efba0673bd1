#include <cmath>

#include <headroom/models/error.h>
#include <headroom/models/presets.h>

#include "catch.h"
#include "small_model.h"

using namespace headroom;
using headroom::test::kSmall;
using headroom::test::small;

TEST_CASE("parameters are the embedding, the head, the matrices of each layer and the norms") {
  CHECK(parameter_count(small()) == kSmall);
}

TEST_CASE("each choice adds or takes its own parameters") {
  Transformer model = small();
  SECTION("a tied head is counted once") {
    model.tied_embeddings = true;
    CHECK(parameter_count(model) == kSmall - 40);
  }
  SECTION("a head bias has v") {
    model.head_bias = true;
    CHECK(parameter_count(model) == kSmall + 10);
  }
  SECTION("learned positions have a row each") {
    model.positions = Positions::learned;
    model.max_positions = 7;
    CHECK(parameter_count(model) == kSmall + 28);
  }
  SECTION("a gate is a third matrix") {
    model.kinds[0].activation = Activation::swiglu;
    CHECK(parameter_count(model) == kSmall + 20);
  }
  SECTION("layernorm has a bias beside the weight") {
    model.norm = Norm::layernorm;
    CHECK(parameter_count(model) == kSmall + 12);
  }
  SECTION("post-norms are two more norms a layer") {
    model.kinds[0].post_norms = true;
    CHECK(parameter_count(model) == kSmall + 8);
  }
  SECTION("q, k and v have biases of their widths") {
    model.kinds[0].qkv_bias = true;
    CHECK(parameter_count(model) == kSmall + 12);
  }
  SECTION("the output projection has a bias of h") {
    model.kinds[0].out_bias = true;
    CHECK(parameter_count(model) == kSmall + 4);
  }
  SECTION("a plain feed-forward has biases f and h") {
    model.kinds[0].ffn_bias = true;
    CHECK(parameter_count(model) == kSmall + 9);
  }
  SECTION("a gated feed-forward has biases f, f and h") {
    model.kinds[0].activation = Activation::geglu;
    model.kinds[0].ffn_bias = true;
    CHECK(parameter_count(model) == kSmall + 20 + 14);
  }
}

TEST_CASE("runs repeat their period") {
  Transformer model = small();
  model.kinds.push_back(model.kinds[0]);
  model.kinds[1].ffn_hidden = 6;
  model.layer_runs = {{3, {0, 1}}, {2, {1}}};
  const std::int64_t layer = kSmall - 80 - 4;
  CHECK(layer_count(model) == 8);
  CHECK(parameter_count(model) == 84 + 3 * layer + 5 * (layer + 8));
}

TEST_CASE("a count beyond 64 bits is reported") {
  Transformer model = small();
  model.hidden = model.vocab = std::int64_t{1} << 40;
  CHECK_THROWS_AS(parameter_count(model), OverflowError);
  model = small();
  model.layer_runs = {{std::int64_t{1} << 62, {0, 0}}};
  CHECK_THROWS_AS(layer_count(model), OverflowError);
}

TEST_CASE("the parameter count of every preset with a published count equals it") {
  for (const std::string_view name : model_names()) {
    const Transformer model = model_preset(name);
    CAPTURE(name);
    if (model.published_parameters) CHECK(parameter_count(model) == *model.published_parameters);
  }
}

TEST_CASE("the models of the BPT paper have the billions of parameters that its code gives, to three decimals") {
  const std::pair<const char*, double> rows[] = {{"bpt-gpt-1b", 1.415},   {"bpt-gpt-3b", 2.776},
                                                 {"bpt-gpt-7b", 6.857},   {"bpt-gpt-13b", 13.101},
                                                 {"bpt-gpt-30b", 30.321}, {"bpt-gpt-70b", 65.257}};
  for (const auto& [name, billions] : rows) {
    CAPTURE(name);
    CHECK(std::round(static_cast<double>(parameter_count(model_preset(name))) / 1e6) == std::round(billions * 1e3));
  }
}
