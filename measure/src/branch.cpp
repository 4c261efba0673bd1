#include "branch.h"

#include "linear.h"

namespace headroom::measure {
namespace {

using kernels::ConstView;
using kernels::View;
using kernels::Write;

/// In place, with a mask where the pass keeps.
void drop(const Run& run, const Branch& branch, const View& x, const Rows& block, const Pass& pass,
          BranchState& state) {
  if (!branch.dropout) return;
  if (pass.keeps) state.mask = run.mask({branch.names.mask, pass.category(branch.category)}, x.rows);
  measure::drop(run, x, state.mask.view(), x, branch.dropout, block);
}

/// `dying`, which may be null, dies behind the product.
BranchProduct product_of(const Run& run, const Branch& branch, const ConstView& input, Tensor* dying) {
  return [&run, &branch, input, dying](const View& out) {
    forward_part(run, out, input, branch.linear);
    if (dying != nullptr) dying->dies();
  };
}

/// The product as a tensor of its own: what a post-norm reads.
Target product_target(const Run& run, const Branch& branch, std::int64_t rows, const Pass& pass, BranchState& state) {
  return whole_target(state.product, {branch.names.product, pass.category(branch.category)}, rows, run.hidden());
}

Tensor statistics(const Run& run, const Branch& branch, std::int64_t rows, const Pass& pass) {
  return norm_statistics(run, {branch.names.statistics, pass.category(branch.category)}, rows);
}

void through_post_norm(const Run& run, const Branch& branch, const BranchProduct& product, const Target& target,
                       const Rows& block, const Pass& pass, BranchState& state) {
  run.crossing.leave(run, product_target(run, branch, block.count, pass, state), product);
  drop(run, branch, state.product.view(), block, pass, state);
  const View out = target.open(run);
  if (pass.keeps) state.statistics = statistics(run, branch, out.rows, pass);
  norm(run, out, state.statistics.view(), state.product.view(), *branch.post_norm);
  if (!pass.keeps) state.product.dies();
}

void straight(const Run& run, const Branch& branch, const BranchProduct& product, const Target& target,
              const Rows& block, const Pass& pass, BranchState& state) {
  run.crossing.leave(run, target, product);
  drop(run, branch, target.open(run), block, pass, state);
}

/// The mask alone: the generator draws it again without the tensor it was drawn for.
void draw_mask(const Run& run, const Branch& branch, const Rows& block, BranchState& state) {
  if (!branch.dropout) return;
  state.mask = run.mask({branch.names.mask, branch.category}, block.count);
  measure::drop(run, {}, state.mask.view(), {}, branch.dropout, block);
}

void post_norm_backward(const Run& run, const Branch& branch, const View& dx, const ConstView& dy, BranchState& state) {
  norm_backward(run, dx, Write::set, dy, state.product.view(), state.statistics.view(), *branch.post_norm);
  state.product.dies();
  state.statistics.dies();
}

/// What dropout and post-norm make of the residual gradient.
Tensor own_gradient(const Run& run, const Branch& branch, const ConstView& residual_gradient, BranchState& state) {
  Tensor own = run.activation({branch.names.gradient, branch.category}, residual_gradient.rows, run.hidden());
  ConstView source = residual_gradient;
  if (branch.post_norm != nullptr) {
    post_norm_backward(run, branch, own.view(), source, state);
    source = own.view();
  }
  if (branch.dropout) run.backend.dropout_backward(own.view(), source, state.mask.view(), branch.dropout);
  state.mask.dies();
  return own;
}

}  // namespace

void branch_forward(const Run& run, const Branch& branch, Tensor& input, const ConstView& residual,
                    const Target& target, const Rows& block, const Pass& pass, BranchState& state) {
  const BranchProduct product = product_of(run, branch, input.view(), pass.keeps ? nullptr : &input);
  branch_forward(run, branch, product, residual, target, block, pass, state);
}

void branch_forward(const Run& run, const Branch& branch, const BranchProduct& product, const ConstView& residual,
                    const Target& target, const Rows& block, const Pass& pass, BranchState& state) {
  if (branch.post_norm != nullptr) {
    through_post_norm(run, branch, product, target, block, pass, state);
  } else {
    straight(run, branch, product, target, block, pass, state);
  }
  run.backend.add(target.open(run), residual);
}

void branch_without_output(const Run& run, const Branch& branch, const Tensor& input, const Rows& block,
                           BranchState& state) {
  branch_without_output(run, branch, product_of(run, branch, input.view(), nullptr), block, state);
}

void branch_without_output(const Run& run, const Branch& branch, const BranchProduct& product, const Rows& block,
                           BranchState& state) {
  if (branch.post_norm == nullptr) {
    draw_mask(run, branch, block, state);
    return;
  }
  run.crossing.leave(run, product_target(run, branch, block.count, kRecompute, state), product);
  drop(run, branch, state.product.view(), block, kRecompute, state);
  state.statistics = statistics(run, branch, block.count, kRecompute);
  norm(run, {}, state.statistics.view(), state.product.view(), *branch.post_norm);
}

BranchGradient::BranchGradient(const Run& run, const Branch& branch, const View& residual_gradient,
                               BranchState& state) {
  if (branch.dropout || branch.post_norm != nullptr) own_ = own_gradient(run, branch, residual_gradient, state);
  input_ = run.crossing.enter(run, branch.names.gathered_gradient, own_ ? own_.view() : residual_gradient, &own_);
}

}  // namespace headroom::measure
