#include "communication_inference.h"

#include <utility>
#include <vector>

#include <headroom/sim/chunks.h>

#include "collectives.h"
#include "layer_counts.h"
#include "narration/inference.h"
#include "narration/listeners/group_exchange.h"

namespace headroom::sim {
namespace {

/// Passes that send the same.
struct AlikePasses {
  StepPlan plan;
  std::int64_t count;
};

/// Whatever the past, passes of as many tokens send the same.
class Passes {
 public:
  explicit Passes(const StepPlan& inference) : inference_(inference) {
    const std::int64_t group = inference.job().inference.prefill_batch, batch = inference.batch;
    add_prompts(group, batch / group);
    add_prompts(batch % group, batch % group > 0 ? 1 : 0);
    alike_.push_back({decode_plan(inference), 1});
  }

  [[nodiscard]] const std::vector<AlikePasses>& alike() const { return alike_; }

 private:
  void add_prompts(std::int64_t sequences, std::int64_t groups) {
    const std::int64_t tokens = prefill_tokens(inference_), rest = inference_.all % tokens;
    if (groups == 0) return;
    alike_.push_back({prefill_plan(inference_, sequences, 0, tokens), checked_mul(groups, inference_.all / tokens)});
    if (rest > 0) alike_.push_back({prefill_plan(inference_, sequences, inference_.all - rest, rest), groups});
  }

  const StepPlan& inference_;
  std::vector<AlikePasses> alike_;
};

/// What tell(narrator, pass) makes the tensor group exchange in all passes.
template <class Tell>
UnitCommunication in_all(const StepPlan& inference, const Passes& passes, const Collectives& group, Tell tell) {
  UnitCommunication sent;
  for (const AlikePasses& of : passes.alike()) {
    GroupExchange<Collectives> listener(group);
    InferenceNarrator<GroupExchange<Collectives>> narrator(inference, listener);
    tell(narrator, of.plan);
    sent.forward[Purpose::tensor] += of.count * listener.sent();
  }
  return sent;
}

}  // namespace

Communication inference_communication(const JobPlan& plan, Tokens seq, std::int64_t rank) {
  Communication result;
  if (plan.ranks.tensor == 1) return result;
  const StepPlan step = step_plan(plan, seq, chunk_tokens);
  const Passes passes(step);
  const Collectives group(plan.ranks.tensor, rank % plan.ranks.tensor);
  const std::vector<std::int64_t> layers = layers_by_kind(plan);
  for (std::size_t kind = 0; kind < layers.size(); ++kind) {
    if (layers[kind] == 0) continue;
    result.layers.push_back({kind, layers[kind], in_all(step, passes, group, [kind](auto& narrator, const auto& pass) {
                               narrator.tell_layer(pass, kind);
                             })});
  }
  result.embedding =
      in_all(step, passes, group, [](auto& narrator, const auto& pass) { narrator.tell_embedding(pass); });
  return result;
}

}  // namespace headroom::sim
