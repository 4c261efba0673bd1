#pragma once

#include <functional>

#include "run.h"

namespace headroom::measure {

/// What products read of a tensor of the rank's tokens.
struct ProductInput {
  Tensor gathered;          ///< only where ranks have tokens of their own
  Tensor* dying = nullptr;  ///< what ends with it
  kernels::View view;

  /// Behind the last product that reads it.
  void end();
};

/// The way from the tokens that a rank has to its products, which have a part of the heads, the width or the
/// vocabulary, and back (docs/runtime.md section 10.3). One object a way; none holds anything.
class Crossing {
 public:
  Crossing() = default;
  Crossing(const Crossing&) = delete;
  Crossing& operator=(const Crossing&) = delete;
  virtual ~Crossing() = default;

  /// In front of the first product that reads `own`. `dying`, which may be null, dies when products no longer read it.
  [[nodiscard]] virtual ProductInput enter(const Run& run, std::string_view gathered, const kernels::View& own,
                                           Tensor* dying) const = 0;
  /// `target` takes the sum over the ranks of what `write` writes to the view that it is given.
  virtual void leave(const Run& run, const Target& target,
                     const std::function<void(const kernels::View&)>& write) const = 0;
};

[[nodiscard]] const Crossing& crossing_of(const RankPlace& place);

}  // namespace headroom::measure
