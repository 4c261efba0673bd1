#pragma once

#include "run.h"

namespace headroom::measure {

/// Logits of some tokens and what they should have been.
struct Guesses {
  kernels::View logits;        ///< of the rank's entries of the vocabulary
  kernels::ConstView targets;  ///< int32, of all entries
};

/// What reads or writes entries of the vocabulary, of which a rank may have a part (docs/runtime.md section 10.3). One
/// object a way; none holds anything.
class Vocabulary {
 public:
  Vocabulary() = default;
  Vocabulary(const Vocabulary&) = delete;
  Vocabulary& operator=(const Vocabulary&) = delete;
  virtual ~Vocabulary() = default;

  /// Rows of the rank's table: zero for ids that it does not have.
  virtual void embed(const Run& run, const kernels::View& out, const kernels::ConstView& table,
                     const kernels::ConstView& ids) const = 0;
  virtual void embed_backward(const Run& run, const kernels::View& d_table, const kernels::ConstView& dx,
                              const kernels::ConstView& ids, kernels::Write write) const = 0;
  /// Adds to `loss`, which may be null and is born by the first; with `gradient` the logits become their gradient.
  virtual void cross_entropy(const Run& run, Tensor* loss, const Guesses& guesses, bool gradient) const = 0;
};

[[nodiscard]] const Vocabulary& vocabulary_of(const RankPlace& place);

}  // namespace headroom::measure
