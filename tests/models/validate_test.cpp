#include <functional>

#include <headroom/models/presets.h>

#include "catch.h"
#include "models_test.h"

using namespace headroom;
using headroom::test::contains;
using headroom::test::refusal;

TEST_CASE("a model is refused with one sentence for each thing that cannot be") {
  using Change = std::function<void(Transformer&)>;
  const std::pair<Change, const char*> rows[] = {
      {[](Transformer& m) { m.name.clear(); }, "the name of a model must not be empty"},
      {[](Transformer& m) { m.hidden = 0; }, "hidden must be between 1 and 2^40, not 0"},
      {[](Transformer& m) { m.vocab = -1; }, "vocab must be between 1 and 2^40, not -1"},
      {[](Transformer& m) { m.vocab = kMaxSize + 1; }, "vocab must be between 1 and 2^40"},
      {[](Transformer& m) { m.max_positions = 0; }, "max_positions must be between 1 and 2^40, not 0"},
      {[](Transformer& m) { m.published_parameters = 0; }, "published_parameters must be at least 1"},
      {[](Transformer& m) { m.kinds.clear(); }, "kinds must have at least one entry"},
      {[](Transformer& m) { m.layer_runs.clear(); }, "layers must have at least one entry"},
      {[](Transformer& m) { m.layer_runs[0].period.clear(); }, "layers[0].period must have at least one entry"},
      {[](Transformer& m) { m.layer_runs[0].period = {1}; },
       "layers[0].period must be indices of kinds, 0 to 0, not 1"},
      {[](Transformer& m) { m.layer_runs[0].period = {-1}; },
       "layers[0].period must be indices of kinds, 0 to 0, not -1"},
      {[](Transformer& m) { m.layer_runs[0].repeat = 0; }, "layers[0].repeat must be between 1 and 2^40, not 0"},
      {[](Transformer& m) {
         m.layer_runs = {{kMaxSize, {0}}, {1, {0}}};
       },
       "number of layers must be between 1 and 2^40"},
      {[](Transformer& m) { m.kinds[0].heads = 0; }, "kinds[0].heads must be between 1 and 2^40, not 0"},
      {[](Transformer& m) { m.kinds[0].kv_heads = 0; }, "kinds[0].kv_heads must be between 1 and 2^40, not 0"},
      {[](Transformer& m) { m.kinds[0].kv_heads = 5; }, "kinds[0].kv_heads (5) must divide heads (12)"},
      {[](Transformer& m) { m.kinds[0].head_dim = 0; }, "kinds[0].head_dim must be between 1 and 2^40"},
      {[](Transformer& m) { m.kinds[0].ffn_hidden = 0; }, "kinds[0].ffn_hidden must be between 1 and 2^40"},
      {[](Transformer& m) { m.kinds[0].window = 0; }, "kinds[0].window must be between 1 and 2^40"},
  };
  const Transformer valid = model_preset("gpt2");
  CHECK_NOTHROW(validate(valid));
  for (const auto& [change, fault] : rows) {
    Transformer model = valid;
    change(model);
    CHECK_THAT(refusal([&model] { validate(model); }), contains(fault));
  }
}

TEST_CASE("positions that are not learned need no table") {
  Transformer model = model_preset("llama-3-8b");
  model.max_positions = 0;
  CHECK_NOTHROW(validate(model));
}
