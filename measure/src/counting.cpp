#include "counting.h"

#include <headroom/models/checked.h>

namespace headroom::measure {

using kernels::ConstView;
using kernels::View;

void CountingGroup::count(std::int64_t messages, std::int64_t elements, kernels::Type type) {
  sent_.messages = checked_add(sent_.messages, messages);
  sent_.bytes += elements * Bytes(kernels::size_of(type));
}

void CountingGroup::count_to_all_others(std::int64_t elements, kernels::Type type) {
  const std::int64_t others = size() - 1;
  count(others, checked_mul(others, elements), type);
}

void CountingGroup::count_gather(const ConstView& whole) {
  const Part own = part_of(whole.elements(), rank(), size());
  if (own.count > 0) count_to_all_others(own.count, whole.type);
}

void CountingGroup::count_reduce_scatter(const ConstView& whole) {
  for (std::int64_t other = 0; other < size(); ++other) {
    const Part part = part_of(whole.elements(), other, size());
    if (other != rank() && part.count > 0) count(1, part.count, whole.type);
  }
}

void CountingGroup::count_all_reduce(const ConstView& whole) {
  count_reduce_scatter(whole);
  count_gather(whole);
}

void CountingGroup::gather_tokens(View whole, ConstView own) {
  group_.gather_tokens(whole, own);
  count_to_all_others(own.elements(), own.type);
}

void CountingGroup::reduce_scatter_tokens(View own, ConstView whole) {
  group_.reduce_scatter_tokens(own, whole);
  // What another rank's run has is as much as the own run's.
  count_to_all_others(own.elements(), own.type);
}

void CountingGroup::tokens_to_heads(View out, ConstView in) {
  group_.tokens_to_heads(out, in);
  // A piece is as wide as what is received; where there are fewer than ranks, some go to several.
  count_to_all_others(in.elements() / in.width * out.width, in.type);
}

void CountingGroup::heads_to_tokens(View out, ConstView in) {
  group_.heads_to_tokens(out, in);
  count_to_all_others(in.elements() / size(), in.type);
}

void CountingGroup::begin_passing(View incoming, ConstView outgoing) {
  group_.begin_passing(incoming, outgoing);
  if (size() > 1) count(1, outgoing.elements(), outgoing.type);
}

void CountingGroup::all_reduce(View tensor) {
  group_.all_reduce(tensor);
  count_all_reduce(tensor);
}

void CountingGroup::all_reduce_max(View tensor) {
  group_.all_reduce_max(tensor);
  count_all_reduce(tensor);
}

void CountingGroup::gather_parts(View whole) {
  group_.gather_parts(whole);
  count_gather(whole);
}

void CountingGroup::gather_parts(View whole, ConstView shard) {
  group_.gather_parts(whole, shard);
  count_gather(whole);
}

void CountingGroup::reduce_scatter_parts(View shard, ConstView whole) {
  group_.reduce_scatter_parts(shard, whole);
  count_reduce_scatter(whole);
}

}  // namespace headroom::measure
