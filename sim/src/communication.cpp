#include <headroom/sim/communication.h>

#include <algorithm>

#include <fmt/format.h>

#include <headroom/models/error.h>
#include <headroom/sim/chunks.h>
#include <headroom/sim/combination.h>

#include "collectives.h"
#include "communication_inference.h"
#include "narration/listeners/group_exchange.h"
#include "narration/plan.h"
#include "narration/step.h"

namespace headroom {

template <>
std::span<const Named<sim::Purpose>> values_of<sim::Purpose>() {
  static constexpr Named<sim::Purpose> kValues[] = {
      {sim::Purpose::sequence, "sequence", "sharing sequences"},
      {sim::Purpose::tensor, "tensor", "sums and gathers around shared products"},
      {sim::Purpose::pipeline, "pipeline", "boundaries of pipeline stages"},
      {sim::Purpose::parameters, "parameters", "parameters"},
      {sim::Purpose::gradients, "gradients", "gradients"},
      {sim::Purpose::loss, "loss", "the loss"},
  };
  return kValues;
}

}  // namespace headroom

namespace headroom::sim {
namespace {

/// What attention of one layer kind sends to share a sequence.
class SharedAttention {
 public:
  SharedAttention(const StepPlan& step, const LayerKind& kind)
      : ranks_(step.fixed.ranks),
        type_(step.fixed.compute),
        is_chunked_(ranks_.sequence == SequenceDistribution::fpdt),
        chunks_(is_chunked_ ? ceil_div(step.all, step.chunk.query) : 1) {
    const std::int64_t tokens = checked_mul(step.batch, step.s);
    const std::int64_t of_head = checked_mul(tokens, kind.head_dim);
    const LayerPart part(ranks_, kind);
    query_piece_ = checked_mul(of_head, part.heads / ranks_.heads);
    key_piece_ = checked_mul(of_head, std::max<std::int64_t>(part.kv_heads / ranks_.heads, 1));
  }

  /// q, k, v to their heads and o back; keys and values along the ring; or those of the rank's run to all.
  [[nodiscard]] Sent forward() const { return exchange() + ring_of_keys() + of_all_keys(); }
  /// The gradients of all of these, the other way; the ring passes keys and values again, and their sums once more.
  [[nodiscard]] Sent backward() const {
    return exchange() + output_again() + ring_of_keys() + ring_of_sums() + of_all_keys();
  }

 private:
  /// Ulysses: four all-to-alls, of two tensors with the query heads and two with the key heads.
  [[nodiscard]] Sent exchange() const {
    const std::int64_t others = ranks_.heads - 1;
    return in_chunks(2 * (to_each(others, query_piece_, type_) + to_each(others, key_piece_, type_)));
  }
  /// FPDT keeps o over heads alone, and exchanges it again for the gradient of W_o.
  [[nodiscard]] Sent output_again() const {
    return is_chunked_ ? in_chunks(to_each(ranks_.heads - 1, query_piece_, type_)) : Sent{};
  }
  [[nodiscard]] Sent in_chunks(const Sent& whole) const { return {whole.bytes, checked_mul(whole.messages, chunks_)}; }
  [[nodiscard]] Sent ring_of_keys() const { return 2 * to_each(ranks_.ring - 1, passing(), type_); }
  /// Of dk and dv, fp32, which come home in the last step.
  [[nodiscard]] Sent ring_of_sums() const {
    return 2 * to_each(ranks_.ring > 1 ? ranks_.ring : 0, passing(), DType::fp32);
  }
  /// LSS: k and v to all others; in backward dk and dv of the others' runs.
  [[nodiscard]] Sent of_all_keys() const {
    if (ranks_.sequence != SequenceDistribution::lss) return {};
    return 2 * to_each(ranks_.runs - 1, key_piece_, type_);
  }
  /// Elements that pass along the ring: all tokens of a Ulysses group, a share of its heads.
  [[nodiscard]] std::int64_t passing() const { return checked_mul(key_piece_, ranks_.heads); }

  const Ranks& ranks_;
  DType type_;
  bool is_chunked_;
  std::int64_t chunks_;
  std::int64_t query_piece_;  ///< elements of the rank's tokens and one rank's heads
  std::int64_t key_piece_;    ///< the same of k and v
};

/// Layers of one kind that send the same.
struct AlikeLayers {
  std::size_t kind;
  bool is_last = false;  ///< of a recomputed segment, where that sends less: it recomputes no output
  bool gathers_forward = false;
  bool gathers_recompute = false;
  bool gathers_backward = false;
  std::int64_t layers = 0;

  bool operator==(const AlikeLayers&) const = default;
};

/// One job's communication, as one rank takes part.
class Builder {
 public:
  Builder(const JobPlan& plan, Tokens seq, std::int64_t rank)
      : plan_(plan),
        step_(step_plan(plan, seq, chunk_tokens)),
        tensor_rank_(rank % plan.ranks.tensor),
        states_(plan.ranks.states, rank / plan.ranks.tensor % plan.ranks.states),
        tensor_(plan.ranks.tensor, tensor_rank_),
        positions_(positions_weight(plan.job, plan.ranks, plan.stage, seq)) {}

  [[nodiscard]] Communication build() const {
    Communication result;
    if (rank_count(plan_.job.degrees) == 1) return result;
    result.layers = layers();
    if (plan_.stage.has_embedding()) result.embedding = embedding();
    if (plan_.stage.has_head()) result.head = head();
    result.boundaries = boundaries();
    add_once_a_step(result, plan_.model_weights, 1);
    add_once_a_step(result, positions_);
    add_tied_sum(result);
    for (const LayerCommunication& of : result.layers) add_once_a_step(result, plan_.layer_weights[of.kind], of.layers);
    return result;
  }

 private:
  /// A unit's parameters, before a pass that reads them.
  void add_gather(SentByPurpose& sent, const Weight& weight) const {
    if (plan_.states.gathers && weight.present) sent[Purpose::parameters] += states_.gather(weight.whole);
  }
  /// Its gradients, behind its backward.
  void add_hand_out(SentByPurpose& sent, const Weight& weight) const {
    if (!plan_.states.shards_gradients || !weight.present) return;
    sent[Purpose::gradients] += sum_over_sharers(weight) + states_.reduce_scatter(weight.gradient);
  }
  /// Its gradient, where several tensor ranks have it and each a part of the sum.
  [[nodiscard]] Sent sum_over_sharers(const Weight& weight) const {
    return Collectives(weight.sum_ranks, tensor_rank_ % weight.sum_ranks).all_reduce(weight.gradient);
  }

  /// What tell(narrator) makes the tensor group exchange.
  template <class Tell>
  [[nodiscard]] Sent in_group(Tell tell) const {
    if (plan_.ranks.tensor == 1) return {};
    GroupExchange<Collectives> listener(tensor_);
    StepNarrator<GroupExchange<Collectives>> narrator(step_, listener);
    tell(narrator);
    return listener.sent();
  }

  [[nodiscard]] UnitCommunication layer(const AlikeLayers& of) const {
    const std::size_t kind = of.kind;
    const SharedAttention attention(step_, plan_.job.model.kinds[kind]);
    SentByPurpose gathers, hand_outs;
    for_each_weight(plan_.layer_weights[kind], [&](const Weight& weight) {
      add_gather(gathers, weight);
      add_hand_out(hand_outs, weight);
    });
    UnitCommunication sent;
    if (of.gathers_forward) sent.forward += gathers;
    sent.forward[Purpose::sequence] += attention.forward();
    if (of.gathers_recompute) sent.recompute += gathers;
    if (!plan_.keeps_forward) sent.recompute[Purpose::sequence] += attention.forward();
    sent.forward[Purpose::tensor] += in_group([&](auto& narrator) { narrator.tell_layer_forward(kind); });
    if (!plan_.keeps_forward) {
      sent.recompute[Purpose::tensor] +=
          in_group([&](auto& narrator) { narrator.tell_layer_recompute(kind, of.is_last); });
    }
    sent.backward = hand_outs;
    sent.backward[Purpose::tensor] += in_group([&](auto& narrator) { narrator.tell_layer_backward(kind); });
    sent.backward[Purpose::sequence] += attention.backward();
    if (of.gathers_backward) sent.backward += gathers;
    return sent;
  }

  [[nodiscard]] UnitCommunication embedding() const {
    UnitCommunication sent;
    for (const Weight* weight : {&plan_.model_weights.embedding, &positions_}) {
      add_gather(sent.forward, *weight);
      add_hand_out(sent.backward, *weight);
    }
    sent.forward[Purpose::tensor] += in_group([](auto& narrator) { narrator.tell_embedding_forward(); });
    sent.backward[Purpose::tensor] += in_group([](auto& narrator) { narrator.tell_embedding_backward(); });
    return sent;
  }

  [[nodiscard]] UnitCommunication head() const {
    static constexpr Role kLoss{"loss", "1", "runtime policy: heads"};
    const Tensor loss(kLoss, "", Shape(1), DType::fp32, Category::head_and_loss);
    UnitCommunication sent;
    for_each_head_weight(plan_.model_weights, [&](const Weight& weight) {
      add_gather(sent.forward, weight);
      if (&weight != &plan_.model_weights.embedding) add_hand_out(sent.backward, weight);
    });
    sent.forward[Purpose::loss] += states_.all_reduce(loss);
    sent.forward[Purpose::tensor] += in_group([](auto& narrator) { narrator.tell_head(); });
    return sent;
  }

  /// Outputs of runs to the next stage, residual gradients to the one before.
  [[nodiscard]] UnitCommunication boundaries() const {
    const Tensor x = Stream(step_).input;
    const Sent one{x.bytes, 1};
    const Stage& stage = plan_.stage;
    UnitCommunication sent;
    if (stage.stages == 1) return sent;
    sent.forward[Purpose::pipeline] = (stage.chunks - (stage.has_head() ? 1 : 0)) * one;
    sent.backward[Purpose::pipeline] = (stage.chunks - (stage.has_embedding() ? 1 : 0)) * one;
    return sent;
  }

  /// The first and the last stage have a tied table each.
  void add_tied_sum(Communication& sent) const {
    const Stage& stage = plan_.stage;
    if (stage.stages == 1 || !plan_.job.model.tied_embeddings || !plan_.model_weights.embedding.present) return;
    const Collectives pair(2, stage.has_embedding() ? 0 : 1);
    sent.reduction[Purpose::gradients] += pair.all_reduce(plan_.states.gradient(plan_.model_weights.embedding));
  }

  void add_once_a_step(Communication& sent, const Weight& weight, std::int64_t copies = 1) const {
    if (!weight.present) return;
    if (!plan_.states.shards_gradients) {
      sent.reduction[Purpose::gradients] += copies * (sum_over_sharers(weight) + states_.all_reduce(weight.gradient));
    }
    const bool shards_moments = plan_.ranks.sharding != StateSharding::none;
    if (shards_moments && !plan_.states.gathers) {
      sent.update[Purpose::parameters] += copies * states_.gather(weight.whole);
    }
  }
  template <class Weights>
  void add_once_a_step(Communication& sent, const Weights& weights, std::int64_t copies) const {
    for_each_weight(weights, [&](const Weight& weight) { add_once_a_step(sent, weight, copies); });
  }

  /// Layers by what they send.
  [[nodiscard]] std::vector<LayerCommunication> layers() const {
    std::vector<AlikeLayers> alike;
    for (const StageRun& run : plan_.runs) {
      for (const SegmentStretch& stretch : run.schedule.stretches()) {
        for (const Segment& segment : stretch.segments) {
          add(alike, run, segment.without_last, stretch.repeat);
          add(alike, layer_of(run, segment.first + segment.layers - 1, true), stretch.repeat);
        }
      }
    }
    std::vector<LayerCommunication> result;
    result.reserve(alike.size());
    for (const AlikeLayers& of : alike) result.push_back({of.kind, of.layers, layer(of)});
    return result;
  }

  /// What layer `i` of a run, the last of its segment or not, does otherwise than others of its kind.
  [[nodiscard]] AlikeLayers layer_of(const StageRun& run, std::int64_t i, bool ends_segment) const {
    AlikeLayers of{.kind = run.schedule.pattern().kind_of(i)};
    const bool recomputes = !plan_.keeps_forward;
    of.is_last = ends_segment && recomputes && plan_.ranks.tensor > 1;
    if (!plan_.states.gathers) return of;
    const Works& works = run.works;
    of.gathers_forward = works.comes(works.forward(i));
    of.gathers_recompute = recomputes && works.comes(works.recompute(i));
    of.gathers_backward = !(recomputes && ends_segment) && works.comes(works.backward(i));
    return of;
  }

  void add(std::vector<AlikeLayers>& alike, const StageRun& run, const std::vector<Stretch>& stretches,
           std::int64_t copies) const {
    for (const Stretch& stretch : stretches) {
      for (std::int64_t i = 0; i < stretch.unit; ++i) {
        add(alike, layer_of(run, stretch.first + i, false), checked_mul(stretch.repeat, copies));
      }
    }
  }
  static void add(std::vector<AlikeLayers>& alike, AlikeLayers more, std::int64_t copies) {
    const auto same = std::find_if(alike.begin(), alike.end(), [&more](const AlikeLayers& of) {
      more.layers = of.layers;
      return of == more;
    });
    if (same != alike.end()) {
      same->layers = checked_add(same->layers, copies);
      return;
    }
    more.layers = copies;
    alike.push_back(more);
  }

  const JobPlan& plan_;
  StepPlan step_;
  std::int64_t tensor_rank_;
  Collectives states_;  ///< of the ranks that share the model's states
  Collectives tensor_;  ///< of the tensor group
  Weight positions_;
};

void refuse(const Job& job, Tokens seq, std::int64_t rank) {
  if (seq.count() < 1 || seq.count() % token_runs(job) != 0) {
    throw InputError(
        fmt::format("{} tokens cannot be shared out among {} sequence ranks", seq.count(), token_runs(job)));
  }
  if (rank >= 0 && rank < rank_count(job.degrees)) return;
  throw InputError(
      fmt::format("the job has {} ranks, counted from 0; {} is none of them", rank_count(job.degrees), rank));
}

}  // namespace

Sent& Sent::operator+=(const Sent& other) {
  bytes += other.bytes;
  messages = checked_add(messages, other.messages);
  return *this;
}

Sent SentByPurpose::total() const {
  Sent sum;
  for (const Sent& of_purpose : sent) sum += of_purpose;
  return sum;
}

SentByPurpose& SentByPurpose::operator+=(const SentByPurpose& other) {
  for (std::size_t i = 0; i < kPurposeCount; ++i) sent[i] += other.sent[i];
  return *this;
}

SentByPurpose Communication::micro_batch() const {
  SentByPurpose sum = embedding.total() + head.total() + boundaries.total();
  for (const LayerCommunication& of : layers) sum += of.layers * of.each.total();
  return sum;
}

SentByPurpose Communication::step(std::int64_t micro_batches) const {
  return micro_batches * micro_batch() + reduction + update;
}

Communication communication(const Job& job, Tokens seq, std::int64_t rank) {
  (void)check_combination(job);
  refuse(job, seq, rank);
  const JobPlan plan(job, rank / (rank_count(job.degrees) / job.degrees.pipeline));
  if (job.mode == Mode::inference) return inference_communication(plan, seq, rank);
  return Builder(plan, seq, rank).build();
}

}  // namespace headroom::sim
