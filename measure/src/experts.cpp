#include "experts.h"

#include "activation.h"
#include "experts_places.h"
#include "linear.h"
#include "shared_expert.h"

namespace headroom::measure {
namespace {

using kernels::ConstView;
using kernels::Type;
using kernels::View;
using kernels::Write;

/// Places of each expert; 0: as many as it needs.
std::int64_t capacity_of(const Experts& experts, std::int64_t rows) {
  if (!experts.capacity_factor) return 0;
  return (*experts.capacity_factor * Rational(experts.per_token) * Rational(rows) / Rational(experts.count)).ceiling();
}

Tensor router_logits(const LayerSite& site, const ConstView& x) {
  const Parameter& router = site.weights.experts->router;
  Tensor logits = site.run.fp32({"router logits", Category::feed_forward}, x.rows, router.width);
  site.run.backend.product(logits.view(), x, router.value.view(), {}, Write::set);
  return logits;
}

void choose(const LayerSite& site, const ConstView& x, Choice& choice, std::int64_t capacity, const Pass& pass) {
  const Tensor logits = router_logits(site, x);
  const Experts& experts = *site.kind.experts;
  const Category category = pass.category(Category::feed_forward);
  const auto born = [&](std::string_view name, Type type, const Shape& shape) {
    return site.run.memory.tensor({name, category}, type, shape);
  };
  const Shape chosen{x.batch, x.rows, experts.per_token};
  choice.experts = born("chosen experts", Type::int32, chosen);
  choice.places = born("places", Type::int32, chosen);
  choice.weights = born("weights of the choice", Type::fp32, chosen);
  choice.first = born("first places", Type::int32, {1, 1, experts.count + 1});
  site.run.backend.choose_experts(choice.views(), logits.view(), value_of(site.weights.experts->correction), capacity);
}

/// Each place through its expert's matrix.
Tensor through_experts(const LayerSite& site, const Label& label, const Tensor& places, const Linear& linear,
                       const ConstView& bias, const Choice& choice) {
  Tensor out = places_tensor(site, label, places.view().rows, linear.weight.width);
  site.run.backend.expert_product(out.view(), places.view(), linear.weight.value.view(), bias, choice.first.view(),
                                  Write::set);
  return out;
}

void widen(const LayerSite& site, ProductInput& x, FeedForwardState& state, std::int64_t places, const Pass& pass) {
  const Category category = pass.category(Category::feed_forward);
  const LayerWeights& weights = site.weights;
  const Choice& choice = state.experts.choice;
  const Tensor placed = placed_rows(site, x.view, choice.places, places);
  if (!weights.experts->shared) x.end();
  if (weights.gate) {
    state.gate = through_experts(site, {"gate", category}, placed, *weights.gate, value_of(weights.gate->bias), choice);
  }
  state.up = through_experts(site, {"up", category}, placed, weights.up, value_of(weights.up.bias), choice);
}

/// From the norm's output to the expert outputs.
void routed(const LayerSite& site, ProductInput& x, FeedForwardState& state, const Pass& pass) {
  const std::int64_t rows = x.view.batch * x.view.rows, capacity = capacity_of(*site.kind.experts, rows);
  const std::int64_t places = capacity > 0 ? site.kind.experts->count * capacity : rows * site.kind.experts->per_token;
  choose(site, x.view, state.experts.choice, capacity, pass);
  widen(site, x, state, places, pass);
  activate(site, state.gate, state.up, state.activated, pass, "activated");
  const Linear& down = site.weights.down;
  const ConstView bias = site.run.place.tensor_rank == 0 ? value_of(down.bias) : ConstView();
  state.experts.outputs = through_experts(site, {"expert outputs", pass.category(Category::feed_forward)},
                                          state.activated, down, bias, state.experts.choice);
  if (!pass.keeps) state.activated.dies();
}

/// The rank's part of the branch's output.
void sum(const LayerSite& site, ProductInput& x, const View& out, ExpertsState& state, const Pass& pass) {
  site.run.backend.sum_places(out, state.outputs.view(), state.choice.places.view(), state.choice.weights.view());
  if (!pass.keeps) {
    state.outputs.dies();
    state.choice.dies();
  }
  if (!site.weights.experts->shared) return;
  shared_inner(site, x, state.shared, pass);
  shared_output(site, out, state.shared, pass);
}

}  // namespace

void experts_block(const LayerSite& site, ProductInput& x, const ConstView& r, const Target& target, const Rows& block,
                   FeedForwardState& state, const Pass& pass) {
  routed(site, x, state, pass);
  const auto write = [&](const View& out) { sum(site, x, out, state.experts, pass); };
  branch_forward(site.run, site.feed_forward_branch(), write, r, target, block, pass, state.branch);
}

void experts_again(const LayerSite& site, ProductInput& x, const Rows& block, FeedForwardState& state) {
  routed(site, x, state, kRecompute);
  const Branch branch = site.feed_forward_branch();
  const auto write = [&](const View& out) { sum(site, x, out, state.experts, kRecompute); };
  if (branch.post_norm == nullptr && site.weights.experts->shared) {
    shared_inner(site, x, state.experts.shared, kRecompute);
  }
  branch_without_output(site.run, branch, write, block, state.branch);
}

}  // namespace headroom::measure
