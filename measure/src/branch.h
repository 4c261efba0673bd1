#pragma once

#include <functional>
#include <string_view>

#include "crossing.h"
#include "norm.h"
#include "pass.h"
#include "run.h"

namespace headroom::measure {

struct BranchNames {
  std::string_view product;
  std::string_view mask;
  std::string_view statistics;
  std::string_view gradient;
  std::string_view gathered_gradient;
};

/// The end of attention or feed-forward: last product, dropout, post-norm, residual sum (docs/runtime.md section 3).
struct Branch {
  Linear& linear;
  NormWeights* post_norm = nullptr;  ///< null: none
  Category category{};
  kernels::Dropout dropout;
  BranchNames names;
};

/// What a branch keeps for backward besides its input.
struct BranchState {
  Tensor product;  ///< only with a post-norm
  Tensor mask;     ///< only with dropout
  Tensor statistics;
};

/// Writes the rank's part of a branch's last product to the view that it is given.
using BranchProduct = std::function<void(const kernels::View&)>;

/// `target` takes the branch of `input` plus `residual`. `input` dies behind the product unless the pass keeps.
/// `block` is where the rows stand in the sequence.
void branch_forward(const Run& run, const Branch& branch, Tensor& input, const kernels::ConstView& residual,
                    const Target& target, const Rows& block, const Pass& pass, BranchState& state);
/// The same where the last product is something else.
void branch_forward(const Run& run, const Branch& branch, const BranchProduct& product,
                    const kernels::ConstView& residual, const Target& target, const Rows& block, const Pass& pass,
                    BranchState& state);

/// What backward reads of the branch, without its output: the end of a recompute.
void branch_without_output(const Run& run, const Branch& branch, const Tensor& input, const Rows& block,
                           BranchState& state);
void branch_without_output(const Run& run, const Branch& branch, const BranchProduct& product, const Rows& block,
                           BranchState& state);

/// The gradient that the branch's product receives.
class BranchGradient {
 public:
  BranchGradient(const Run& run, const Branch& branch, const kernels::View& residual_gradient, BranchState& state);
  BranchGradient(const BranchGradient&) = delete;
  BranchGradient& operator=(const BranchGradient&) = delete;
  ~BranchGradient() = default;

  /// What the products read.
  [[nodiscard]] const kernels::View& dy() const { return input_.view; }
  /// Behind the last product that reads it.
  void end() { input_.end(); }

 private:
  Tensor own_;  ///< only with dropout or a post-norm
  ProductInput input_;
};

}  // namespace headroom::measure
