#pragma once

#include <cmath>
#include <cstdint>

#include <headroom/kernels/attention.h>

#include "products.h"

namespace headroom::kernels::cuda {

/// Products of the matrices of attention, for all heads: those of the size of queries ([b, rows, a*d]), of keys
/// ([b, keys, k*d]) and of scores ([b*a, rows, keys]). As many heads as have equal steps go into one product.
class AttentionProducts {
 public:
  AttentionProducts(Products& products, const Heads& heads) : products_(products), heads_(heads) {}

  /// scores = scale * q k^T.
  void scores(View scores, ConstView q, ConstView k, float scale) const;
  /// q = or += scale * scores k.
  void queries(View q, ConstView scores, ConstView k, float scale, Write write) const;
  /// k = or += scale * scores^T q, summed over the query heads of a group; from the second one on by addition.
  void keys(View k, ConstView scores, ConstView q, float scale, Write write) const;

 private:
  /// `count` query heads from `head` on, `step` apart, of batch entry `entry`, and the key heads that they read.
  struct HeadRun {
    std::int64_t entry;
    std::int64_t head;
    std::int64_t step;
    std::int64_t kv_head;
    std::int64_t kv_step;
    std::int64_t count;
  };

  /// Run by run, those of a batch entry one behind the other: body(run, whether an earlier run has the same key heads).
  template <class Body>
  void for_each_run(std::int64_t batch, bool within_groups, const Body& body) const;
  template <class Void>
  [[nodiscard]] BasicMatrix<Void> queries_of(const BasicView<Void>& v, const HeadRun& run) const;
  template <class Void>
  [[nodiscard]] BasicMatrix<Void> keys_of(const BasicView<Void>& v, const HeadRun& run) const;
  template <class Void>
  [[nodiscard]] BasicMatrix<Void> scores_of(const BasicView<Void>& v, const HeadRun& run) const;

  Products& products_;
  const Heads& heads_;
};

}  // namespace headroom::kernels::cuda
