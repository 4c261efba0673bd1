// Experts, latent attention, parallel blocks and what else a layer can be described with beyond the plain one.

#include <functional>

#include <headroom/models/error.h>
#include <headroom/models/job.h>
#include <headroom/models/presets.h>
#include <headroom/models/read.h>

#include "catch.h"
#include "models_test.h"
#include "small_model.h"

using namespace headroom;
using headroom::test::contains;
using headroom::test::kSmall;
using headroom::test::refusal;
using headroom::test::small;

namespace {

/// The small model with latent attention: head_dim 3 is 1 without and 2 with positions, values of 5.
Transformer latent() {
  Transformer model = small();
  model.kinds[0].kv_heads = 2;
  model.kinds[0].latent = LatentAttention{std::nullopt, 7, 2, 5};
  return model;
}

/// The small model with three experts, of which a token passes two.
Transformer experts() {
  Transformer model = small();
  model.kinds[0].experts = Experts{3, 2, {}, false, false, {}};
  return model;
}

// Without attention's 72: queries 4*6; latent 4*7, its norm 7, up to keys and values 7*2*(1+5); the rotated key 4*2;
// the output 2*5*4.
constexpr std::int64_t kLatent = kSmall - 72 + 24 + 28 + 7 + 84 + 8 + 40;
// Three feed-forwards of 40 for one, and a router 4*3.
constexpr std::int64_t kExperts = kSmall + 80 + 12;

using Change = std::function<void(Transformer&)>;

void check_refusals(const Transformer& valid, const std::vector<std::pair<Change, const char*>>& rows) {
  CHECK_NOTHROW(validate(valid));
  for (const auto& [change, fault] : rows) {
    Transformer model = valid;
    change(model);
    CHECK_THAT(refusal([&model] { validate(model); }), contains(fault));
  }
}

}  // namespace

TEST_CASE("a mixture has every expert's weights and a router, and a token passes some of them") {
  Transformer model = experts();
  CHECK(parameter_count(model) == kExperts);
  CHECK(active_parameter_count(model) == kExperts - 40);
  SECTION("shared experts are one more feed-forward, passed by every token") {
    model.kinds[0].experts->shared_hidden = 6;
    CHECK(parameter_count(model) == kExperts + 48);
    CHECK(active_parameter_count(model) == kExperts - 40 + 48);
  }
  SECTION("a gate of the shared output has h") {
    model.kinds[0].experts->shared_hidden = 6;
    model.kinds[0].experts->shared_gate = true;
    CHECK(parameter_count(model) == kExperts + 48 + 4);
  }
  SECTION("a router's bias has one number an expert") {
    model.kinds[0].experts->router_bias = true;
    CHECK(parameter_count(model) == kExperts + 3);
  }
  SECTION("each expert has the biases of a feed-forward") {
    model.kinds[0].ffn_bias = true;
    CHECK(parameter_count(model) == kExperts + 3 * 9);
  }
  SECTION("a capacity adds nothing") {
    model.kinds[0].experts->capacity_factor = Rational(5, 4);
    CHECK(parameter_count(model) == kExperts);
  }
}

TEST_CASE("latent attention goes down to its latents, norms them, and up to all heads") {
  Transformer model = latent();
  CHECK(parameter_count(model) == kLatent);
  SECTION("queries may come from a latent of their own") {
    model.kinds[0].latent->query_rank = 3;
    CHECK(parameter_count(model) == kLatent - 24 + 12 + 3 + 18);
  }
  SECTION("the output projection's bias has h") {
    model.kinds[0].out_bias = true;
    CHECK(parameter_count(model) == kLatent + 4);
  }
}

TEST_CASE("each arrangement of a layer and of the model's ends has its own parameters") {
  Transformer model = small();
  SECTION("parallel blocks have a norm each, or share one") {
    model.kinds[0].residual = Residual::parallel;
    CHECK(parameter_count(model) == kSmall);
    model.kinds[0].residual = Residual::parallel_shared_norm;
    CHECK(parameter_count(model) == kSmall - 4);
  }
  SECTION("norms behind the residual addition are two as well") {
    model.kinds[0].residual = Residual::post_norm;
    CHECK(parameter_count(model) == kSmall);
  }
  SECTION("norms of queries and keys have head_dim each, for all heads together") {
    model.kinds[0].qk_norm = true;
    CHECK(parameter_count(model) == kSmall + 6);
    model.norm = Norm::layernorm;
    CHECK(parameter_count(model) == kSmall + 12 + 12);
  }
  SECTION("rotating a part of each head has none") {
    model.kinds[0].rotary_dim = 2;
    CHECK(parameter_count(model) == kSmall);
  }
  SECTION("a model may go without its last norm") {
    model.final_norm = false;
    CHECK(parameter_count(model) == kSmall - 4);
  }
  SECTION("an embedding of another width is projected in and out") {
    model.embedding_width = 3;
    CHECK(parameter_count(model) == kSmall - 80 + 2 * 30 + 2 * 12);
  }
}

TEST_CASE("all parameters are active where no layer has experts") {
  CHECK(active_parameter_count(small()) == kSmall);
  CHECK(active_parameter_count(latent()) == kLatent);
}

TEST_CASE("experts that cannot be are refused in one sentence") {
  check_refusals(
      experts(),
      {
          {[](Transformer& m) { m.kinds[0].experts->count = 0; },
           "kinds[0].experts.count must be between 1 and 2^40, not 0"},
          {[](Transformer& m) { m.kinds[0].experts->per_token = 0; },
           "experts.per_token must be between 1 and 2^40, not 0"},
          {[](Transformer& m) { m.kinds[0].experts->per_token = 4; },
           "kinds[0].experts.per_token (4) must be at most count (3)"},
          {[](Transformer& m) { m.kinds[0].experts->shared_hidden = 0; },
           "experts.shared_hidden must be between 1 and 2^40"},
          {[](Transformer& m) { m.kinds[0].experts->shared_gate = true; }, "shared_gate needs a shared expert"},
          {[](Transformer& m) { m.kinds[0].experts->capacity_factor = Rational(0); },
           "capacity_factor must be positive"},
          {[](Transformer& m) { m.kinds[0].ffn_hidden = 0; }, "kinds[0].ffn_hidden must be between 1 and 2^40, not 0"},
      });
}

TEST_CASE("latent attention that cannot be is refused in one sentence") {
  check_refusals(
      latent(),
      {
          {[](Transformer& m) { m.kinds[0].latent->query_rank = 0; },
           "latent.query_rank must be between 1 and 2^40, not 0"},
          {[](Transformer& m) { m.kinds[0].latent->kv_rank = 0; },
           "kinds[0].latent.kv_rank must be between 1 and 2^40, not 0"},
          {[](Transformer& m) { m.kinds[0].latent->rope_head_dim = 0; },
           "latent.rope_head_dim must be between 1 and 2^40"},
          {[](Transformer& m) { m.kinds[0].latent->rope_head_dim = 1; }, "latent.rope_head_dim must be even"},
          {[](Transformer& m) { m.kinds[0].latent->rope_head_dim = 4; },
           "rope_head_dim (4) must be below head_dim (3)"},
          {[](Transformer& m) { m.kinds[0].latent->value_head_dim = 0; },
           "latent.value_head_dim must be between 1 and 2^40"},
          {[](Transformer& m) { m.kinds[0].kv_heads = 1; }, "kinds[0].kv_heads (1) must be heads (2)"},
          {[](Transformer& m) { m.kinds[0].qkv_bias = true; }, "latent goes without qkv_bias"},
          {[](Transformer& m) { m.kinds[0].qk_norm = true; }, "latent goes without qkv_bias, qk_norm and rotary_dim"},
      });
}

TEST_CASE("an arrangement that cannot be is refused in one sentence") {
  check_refusals(
      small(),
      {
          {[](Transformer& m) {
             m.kinds[0].post_norms = true;
             m.kinds[0].residual = Residual::parallel;
           },
           "kinds[0].post_norms needs residual 'pre-norm', not 'parallel'"},
          {[](Transformer& m) { m.kinds[0].rotary_dim = 0; }, "kinds[0].rotary_dim must be between 1 and 2^40, not 0"},
          {[](Transformer& m) { m.kinds[0].rotary_dim = 1; }, "kinds[0].rotary_dim must be even"},
          {[](Transformer& m) { m.kinds[0].rotary_dim = 4; }, "rotary_dim (4) must be at most head_dim (3)"},
          {[](Transformer& m) {
             m.kinds[0].rotary_dim = 2;
             m.positions = Positions::none;
           },
           "kinds[0].rotary_dim needs positions 'rope', not 'none'"},
          {[](Transformer& m) { m.embedding_width = 0; }, "embedding_width must be between 1 and 2^40, not 0"},
      });
}

TEST_CASE("counts of absurd structures overflow with a report") {
  Transformer model = experts();
  model.kinds[0].experts = Experts{kMaxSize, 1, {}, false, false, {}};
  model.kinds[0].ffn_hidden = kMaxSize;
  CHECK_THROWS_AS(parameter_count(model), OverflowError);
}

TEST_CASE("what a layer is described with is saved and read back") {
  Job job;
  job.model = latent();
  job.model.positions = Positions::rope;
  job.model.embedding_width = 3;
  job.model.final_norm = false;
  job.model.kinds[0].latent->query_rank = 9;
  job.model.kinds[0].experts = Experts{8, 2, 6, true, true, Rational(5, 4)};
  LayerKind plain = small().kinds[0];
  plain.residual = Residual::parallel_shared_norm;
  plain.qk_norm = true;
  plain.rotary_dim = 2;
  job.model.kinds.push_back(plain);
  job.model.layer_runs = {{1, {0}}, {2, {1}}};
  job.device = device_preset("H200");
  job.method = method_preset("flash").method;
  CHECK(parse_job(job_to_json(job), "job.json").value.model == job.model);
}

TEST_CASE("a capacity factor is a decimal number of at most six decimals") {
  const auto read = [](const std::string& factor) {
    return parse_model(R"({"headroom": "transformer/1", "name": "mine", "hidden": 64, "vocab": 100, "norm": "rmsnorm",
      "positions": "none", "layers": [{"repeat": 3, "period": [0]}], "kinds": [{"heads": 4, "kv_heads": 2,
      "head_dim": 16, "ffn_hidden": 128, "activation": "relu",
      "experts": {"count": 4, "per_token": 1, "capacity_factor": )" +
                           factor + "}}]}",
                       "mine.json")
        .value.kinds.at(0)
        .experts->capacity_factor;
  };
  CHECK(read("1.25") == Rational(5, 4));
  CHECK(read("2") == Rational(2));
  CHECK(read("1e1") == Rational(10));
  CHECK_FALSE(read("null"));
  for (const char* bad : {"0", "-1", "1e9", "\"1.25\"", "0.00001"}) {
    CHECK_THAT(refusal([&] { (void)read(bad); }),
               contains("capacity_factor must be a number from 0.0001 to below 10^6"));
  }
  CHECK_THAT(refusal([&] { (void)read("1.0000001"); }), contains("must be a number with at most six decimals"));
}

TEST_CASE("a key that no structure has is refused with the nearest") {
  const std::string text = R"({"headroom": "transformer/1", "name": "mine", "hidden": 64, "vocab": 100,
    "norm": "rmsnorm", "positions": "rope", "layers": [{"repeat": 3, "period": [0]}],
    "kinds": [{"heads": 4, "kv_heads": 4, "head_dim": 16, "ffn_hidden": 128, "activation": "relu", )";
  const auto refused = [&text](const std::string& rest) {
    return refusal([&] { (void)parse_model(text + rest + "}]}", "mine.json"); });
  };
  CHECK_THAT(refused(R"("experts": {"count": 4, "per_tokn": 1})"),
             contains("mine.json: kinds[0].experts: the key 'per_token' is missing"));
  CHECK_THAT(refused(R"("experts": {"count": 4, "per_token": 1, "shared_hiden": 8})"),
             contains("unknown key 'shared_hiden'; did you mean 'shared_hidden'?"));
  CHECK_THAT(refused(R"("latent": {"kv_rank": 4})"), contains("kinds[0].latent: the key 'rope_head_dim' is missing"));
  CHECK_THAT(refused(R"("latent": 4)"), contains("kinds[0].latent must be a JSON object, not the number 4"));
  CHECK_THAT(refused(R"("residual": "paralel")"), contains("did you mean 'parallel'?"));
}
