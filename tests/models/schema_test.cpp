#include <headroom/models/read.h>

#include "catch.h"
#include "models_test.h"

using namespace headroom;
using headroom::test::contains;
using headroom::test::refusal;

TEST_CASE("headroom's own description of a model needs sizes, kinds and layers, and no more") {
  const auto [model, notes] = parse_model(R"({"headroom": "transformer/1", "name": "mine", "hidden": 64, "vocab": 100,
    "norm": "rmsnorm", "positions": "none",
    "kinds": [{"heads": 4, "kv_heads": 2, "head_dim": 16, "ffn_hidden": 128, "activation": "relu"}],
    "layers": [{"repeat": 3, "period": [0]}]})",
                                          "mine.json");
  CHECK(notes.empty());
  CHECK(model.name == "mine");
  CHECK(layer_count(model) == 3);
  CHECK(model.kinds.at(0).activation == Activation::relu);
  CHECK_FALSE(model.tied_embeddings);
  CHECK_FALSE(model.published_parameters);
}

TEST_CASE("headroom's own description of a device needs a name and a capacity, and no more") {
  const auto [device, notes] = parse_device(
      R"({"headroom": "hardware/1", "name": "card", "capacity": {"bytes": 1000, "certainty": "MEASURED"}})",
      "card.json");
  CHECK(notes.empty());
  CHECK(device.capacity.bytes == Bytes(1000));
  CHECK(device.capacity.certainty == Certainty::measured);
  CHECK(device.context.bytes == 0_B);
  CHECK_FALSE(device.bf16_flops);
}

TEST_CASE("a description that does not hold together is refused with file, path and rule") {
  const std::pair<const char*, const char*> rows[] = {
      {R"({"headroom": "hardware/1"})", "card.json: the key 'name' is missing"},
      {R"({"headroom": "hardware/1", "name": "card", "capacity": {"bytes": 0}})",
       "card.json: device 'card': capacity must be at least 1, not 0"},
      {R"({"headroom": "hardware/1", "name": "card", "capacity": {"byte": 0}})",
       "card.json: capacity: the key 'bytes' is missing"},
      {R"({"headroom": "hardware/1", "name": "card", "capacity": {"bytes": 1, "certainty": "SURE"}})",
       "card.json: capacity.certainty must be one of MEASURED, DERIVED, ASSUMED, not 'SURE'"},
      {R"({"headroom": "hardware/1", "name": "", "capacity": {"bytes": 1}})", "must not be empty"},
      {R"({"headroom": "hardware/1", "name": "card", "capacity": {"bytes": 1}, "context": {"bytes": -1}})",
       "context must be at least 0, not -1"},
      {R"({"headroom": "hardware/1", "name": "card", "capacity": {"bytes": 1}, "capacty": 1})",
       "unknown key 'capacty'; did you mean 'capacity'?"},
      {R"({"hidden_size": 4096})", "card.json does not say what it is; expected is \"headroom\": \"hardware/1\""},
  };
  for (const auto& [text, fault] : rows) {
    CHECK_THAT(refusal([text = text] { (void)parse_device(text, "card.json"); }), contains(fault));
  }
}
