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
  run.backend.dropout(x, state.mask.view(), x, branch.dropout, position(run, block));
}

/// The product as a tensor of its own, dropped: what a post-norm reads.
Tensor product(const Run& run, const Branch& branch, const Tensor& input, const Pass& pass) {
  Tensor product =
      run.activation({branch.names.product, pass.category(branch.category)}, input.view().rows, run.hidden());
  forward(run, product.view(), input.view(), branch.linear);
  return product;
}

Tensor statistics(const Run& run, const Branch& branch, std::int64_t rows, const Pass& pass) {
  return norm_statistics(run, {branch.names.statistics, pass.category(branch.category)}, rows);
}

void through_post_norm(const Run& run, const Branch& branch, Tensor& input, const Target& target, const Rows& block,
                       const Pass& pass, BranchState& state) {
  state.product = product(run, branch, input, pass);
  if (!pass.keeps) input.dies();
  drop(run, branch, state.product.view(), block, pass, state);
  const View out = target.open(run);
  if (pass.keeps) state.statistics = statistics(run, branch, out.rows, pass);
  norm(run, out, state.statistics.view(), state.product.view(), *branch.post_norm);
  if (!pass.keeps) state.product.dies();
}

void straight(const Run& run, const Branch& branch, Tensor& input, const Target& target, const Rows& block,
              const Pass& pass, BranchState& state) {
  const View out = target.open(run);
  forward(run, out, input.view(), branch.linear);
  if (!pass.keeps) input.dies();
  drop(run, branch, out, block, pass, state);
}

/// The mask alone: the generator draws it again without the tensor it was drawn for.
void draw_mask(const Run& run, const Branch& branch, const Rows& block, BranchState& state) {
  if (!branch.dropout) return;
  state.mask = run.mask({branch.names.mask, branch.category}, block.count);
  run.backend.dropout({}, state.mask.view(), {}, branch.dropout, position(run, block));
}

void post_norm_backward(const Run& run, const Branch& branch, const View& dx, const ConstView& dy, BranchState& state) {
  norm_backward(run, dx, Write::set, dy, state.product.view(), state.statistics.view(), *branch.post_norm);
  state.product.dies();
  state.statistics.dies();
}

}  // namespace

void branch_forward(const Run& run, const Branch& branch, Tensor& input, const ConstView& residual,
                    const Target& target, const Rows& block, const Pass& pass, BranchState& state) {
  if (branch.post_norm != nullptr) {
    through_post_norm(run, branch, input, target, block, pass, state);
  } else {
    straight(run, branch, input, target, block, pass, state);
  }
  run.backend.add(target.open(run), residual);
}

void branch_without_output(const Run& run, const Branch& branch, const Tensor& input, const Rows& block,
                           BranchState& state) {
  if (branch.post_norm == nullptr) {
    draw_mask(run, branch, block, state);
    return;
  }
  state.product = product(run, branch, input, kRecompute);
  drop(run, branch, state.product.view(), block, kRecompute, state);
  state.statistics = statistics(run, branch, block.count, kRecompute);
  norm(run, {}, state.statistics.view(), state.product.view(), *branch.post_norm);
}

BranchGradient branch_backward(const Run& run, const Branch& branch, const View& residual_gradient,
                               BranchState& state) {
  if (!branch.dropout && branch.post_norm == nullptr) return {{}, residual_gradient};
  BranchGradient gradient;
  gradient.own = run.activation({branch.names.gradient, branch.category}, residual_gradient.rows, run.hidden());
  gradient.dy = gradient.own.view();
  ConstView source = residual_gradient;
  if (branch.post_norm != nullptr) {
    post_norm_backward(run, branch, gradient.dy, source, state);
    source = gradient.dy;
  }
  if (branch.dropout) run.backend.dropout_backward(gradient.dy, source, state.mask.view(), branch.dropout);
  state.mask.dies();
  return gradient;
}

}  // namespace headroom::measure
