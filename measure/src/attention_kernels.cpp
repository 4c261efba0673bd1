#include "attention_kernels.h"

#include <cstddef>
#include <type_traits>

namespace headroom::measure {
namespace {

using kernels::AttentionBlock;
using kernels::AttentionSaved;
using kernels::ConstView;
using kernels::RunningAttention;
using kernels::View;
using kernels::Write;

/// Some entries of the batch, with the dropout of their scores.
struct Entries {
  std::int64_t first = 0;
  std::int64_t count = 1;
  kernels::Dropout dropout;

  /// Their part of a tensor, of which each entry has `each` matrices; of none, none.
  template <class Void>
  [[nodiscard]] kernels::BasicView<Void> of(kernels::BasicView<Void> view, std::int64_t each = 1) const {
    using Byte = std::conditional_t<std::is_const_v<Void>, const std::byte, std::byte>;
    if (!view) return view;
    view.data = static_cast<Byte*>(view.data) + first * each * view.batch_stride * kernels::size_of(view.type);
    view.batch = count * each;
    return view;
  }
  [[nodiscard]] AttentionSaved of(const AttentionSaved& saved) const {
    return {of(saved.q), of(saved.k), of(saved.v), of(saved.d_out), of(saved.lse), of(saved.delta)};
  }
  [[nodiscard]] RunningAttention of(const RunningAttention& running) const {
    return {of(running.row_max), of(running.row_sum), of(running.sums)};
  }
  [[nodiscard]] AttentionBlock of(AttentionBlock block) const {
    block.dropout = dropout;
    return block;
  }
};

/// Calls `call` with all entries at once, where dropout counts the site's scores as they lie.
template <class Call>
void for_each_draw(const CoreSite& site, const Call& call) {
  const std::int64_t batch = site.run.batch();
  if (!site.dropout || site.heads.heads == site.place.all) return call(Entries{0, batch, site.dropout});
  const std::int64_t scores = site.run.whole_seq() * site.run.whole_seq();
  for (std::int64_t b = 0; b < batch; ++b) {
    call(Entries{b, 1, kernels::moved_by(site.dropout, (b * site.place.all + site.place.first) * scores)});
  }
}

}  // namespace

void drop_scores(const CoreSite& site, const View& out, const View& mask, const ConstView& scores) {
  const std::int64_t heads = site.heads.heads;
  for_each_draw(site, [&](const Entries& entries) {
    site.run.backend.dropout(entries.of(out, heads), entries.of(mask, heads), entries.of(scores, heads),
                             entries.dropout, site.query_position(site.all_queries()));
  });
}

void flash(const CoreSite& site, const View& out, const View& logsumexp, const ConstView& q, const ConstView& k,
           const ConstView& v, const AttentionBlock& block) {
  for_each_draw(site, [&](const Entries& entries) {
    site.run.backend.flash(entries.of(out), entries.of(logsumexp), entries.of(q), entries.of(k), entries.of(v),
                           entries.of(block));
  });
}

void flash_backward(const CoreSite& site, const CoreGradients& gradients, Write write_kv, const AttentionSaved& saved,
                    const AttentionBlock& block) {
  for_each_draw(site, [&](const Entries& entries) {
    site.run.backend.flash_backward(entries.of(gradients.q), entries.of(gradients.k), entries.of(gradients.v), write_kv,
                                    entries.of(saved), entries.of(block));
  });
}

void blocks_add(const CoreSite& site, const RunningAttention& running, const View& tile, const ConstView& q,
                const ConstView& k, const ConstView& v, const AttentionBlock& block) {
  for_each_draw(site, [&](const Entries& entries) {
    site.run.backend.blocks_add(entries.of(running), entries.of(tile, site.heads.heads), entries.of(q), entries.of(k),
                                entries.of(v), entries.of(block));
  });
}

void blocks_backward(const CoreSite& site, const CoreGradients& gradients, const Tiles& tiles,
                     const AttentionSaved& saved, const AttentionBlock& block) {
  const std::int64_t heads = site.heads.heads;
  for_each_draw(site, [&](const Entries& entries) {
    site.run.backend.blocks_backward(entries.of(gradients.q), entries.of(gradients.k), entries.of(gradients.v),
                                     entries.of(tiles.scores, heads), entries.of(tiles.gradients, heads),
                                     entries.of(saved), entries.of(block));
  });
}

}  // namespace headroom::measure
