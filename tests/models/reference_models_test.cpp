#include <cstdlib>
#include <iterator>

#include <headroom/models/presets.h>

#include "catch.h"
#include "models_test.h"
#include "reference_models.h"

using namespace headroom;
using headroom::test::contains;
using headroom::test::kReferenceModels;
using headroom::test::ReferenceModel;

TEST_CASE("every published model is a preset with the sizes of its configuration") {
  for (const ReferenceModel& row : kReferenceModels) {
    CAPTURE(row.name);
    const Transformer model = model_preset(row.name);
    CHECK(model.name == row.name);
    CHECK(model.hidden == row.hidden);
    CHECK(model.vocab == row.vocab);
    CHECK(model.max_positions == row.positions);
    CHECK(layer_count(model) == row.layers);
    CHECK(model.kinds.back().ffn_hidden == row.ffn_hidden);
    for (const LayerKind& kind : model.kinds) {
      CHECK(kind.heads == row.heads);
      CHECK(kind.kv_heads == row.kv_heads);
      CHECK(kind.head_dim == row.head_dim);
    }
  }
}

TEST_CASE("the parameters of every published model, all and those of one token, are those summed over its weights") {
  for (const ReferenceModel& row : kReferenceModels) {
    CAPTURE(row.name);
    const Transformer model = model_preset(row.name);
    CHECK(parameter_count(model) == row.parameters);
    CHECK(active_parameter_count(model) == row.active);
  }
}

TEST_CASE(
    "where a checkpoint's count is known to the last digit the preset carries it, else it says how it is rounded") {
  int exact = 0;
  for (const ReferenceModel& row : kReferenceModels) {
    CAPTURE(row.name);
    const Transformer model = model_preset(row.name);
    CHECK(model.published_parameters.has_value() == row.is_exact());
    if (row.is_exact()) {
      CHECK(model.published_parameters == row.published);
      CHECK_THAT(model.provenance.certainty, contains("the count computed from these sizes equals the checkpoint's"));
      ++exact;
    } else {
      CHECK_THAT(model.provenance.certainty, contains("round"));
      CHECK(std::abs(row.parameters - row.published) <= row.published / 50);
    }
  }
  CHECK(std::size(kReferenceModels) == 85);
  CHECK(exact == 68);
}

TEST_CASE("Ring Attention's sizes of LLaMA are there by the names of its code") {
  const std::pair<const char*, double> rows[] = {{"ring-llama-1b", 1.244},   {"ring-llama-3b", 3.426},
                                                 {"ring-llama-7b", 6.738},   {"ring-llama-13b", 13.016},
                                                 {"ring-llama-30b", 32.529}, {"ring-llama-65b", 65.286}};
  for (const auto& [name, billions] : rows) {
    CAPTURE(name);
    CHECK(static_cast<double>(parameter_count(model_preset(name))) / 1e9 == Approx(billions).margin(0.0005));
  }
}
