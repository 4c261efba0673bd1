#include "attention_products.h"

#include <cstddef>
#include <type_traits>

namespace headroom::kernels::cuda {

namespace {

/// A matrix of `v` from element `begin` on.
template <class Void>
BasicMatrix<Void> matrix_at(const BasicView<Void>& v, std::int64_t begin, std::int64_t step) {
  using Byte = std::conditional_t<std::is_const_v<Void>, const std::byte, std::byte>;
  return {static_cast<Byte*>(v.data) + begin * size_of(v.type), v.type, v.width, step, false};
}

template <class Void>
std::int64_t entry_begin(const BasicView<Void>& v, std::int64_t entry) {
  return entry == 0 ? 0 : entry * v.batch_stride;
}

}  // namespace

template <class Body>
void AttentionProducts::for_each_run(std::int64_t batch, bool within_groups, const Body& body) const {
  const std::int64_t kv = heads_.kv_heads, group = heads_.heads / kv;
  for (std::int64_t entry = 0; entry < batch; ++entry) {
    for (std::int64_t i = 0; i < (within_groups ? kv : group); ++i) {
      if (within_groups) {
        body(HeadRun{entry, i * group, 1, i, 0, group}, false);
      } else {
        body(HeadRun{entry, i, group, 0, 1, kv}, i > 0);
      }
    }
  }
}

template <class Void>
BasicMatrix<Void> AttentionProducts::queries_of(const BasicView<Void>& v, const HeadRun& run) const {
  return matrix_at(v, entry_begin(v, run.entry) + run.head * heads_.head_dim, run.step * heads_.head_dim);
}

template <class Void>
BasicMatrix<Void> AttentionProducts::keys_of(const BasicView<Void>& v, const HeadRun& run) const {
  return matrix_at(v, entry_begin(v, run.entry) + run.kv_head * heads_.head_dim, run.kv_step * heads_.head_dim);
}

template <class Void>
BasicMatrix<Void> AttentionProducts::scores_of(const BasicView<Void>& v, const HeadRun& run) const {
  const std::int64_t item = run.entry * heads_.heads + run.head;
  return matrix_at(v, entry_begin(v, item), run.step * v.batch_stride);
}

void AttentionProducts::scores(View scores, ConstView q, ConstView k, float scale) const {
  const bool within_groups = heads_.heads > heads_.kv_heads * heads_.kv_heads;
  for_each_run(q.batch, within_groups, [&](const HeadRun& run, bool) {
    products_.multiply({scores_of(scores, run),
                        queries_of(q, run),
                        keys_of(k, run).t(),
                        q.rows,
                        k.rows,
                        heads_.head_dim,
                        run.count,
                        scale,
                        Write::set,
                        {}});
  });
}

void AttentionProducts::queries(View q, ConstView scores, ConstView k, float scale, Write write) const {
  const bool within_groups = heads_.heads > heads_.kv_heads * heads_.kv_heads;
  for_each_run(q.batch, within_groups, [&](const HeadRun& run, bool) {
    products_.multiply({queries_of(q, run),
                        scores_of(scores, run),
                        keys_of(k, run),
                        q.rows,
                        heads_.head_dim,
                        k.rows,
                        run.count,
                        scale,
                        write,
                        {}});
  });
}

void AttentionProducts::keys(View k, ConstView scores, ConstView q, float scale, Write write) const {
  for_each_run(q.batch, false, [&](const HeadRun& run, bool again) {
    products_.multiply({keys_of(k, run),
                        scores_of(scores, run).t(),
                        queries_of(q, run),
                        k.rows,
                        heads_.head_dim,
                        q.rows,
                        run.count,
                        scale,
                        again ? Write::add : write,
                        {}});
  });
}

}  // namespace headroom::kernels::cuda
