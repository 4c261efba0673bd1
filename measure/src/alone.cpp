#include <algorithm>
#include <cstddef>
#include <cstring>
#include <stdexcept>

#include <headroom/measure/communicator.h>
#include <headroom/models/checked.h>

namespace headroom::measure {
namespace {

using kernels::ConstView;
using kernels::View;

void copy(const View& out, const ConstView& in) {
  if (out.batch != in.batch || out.rows != in.rows || out.width != in.width || out.type != in.type) {
    throw std::invalid_argument("a message between tensors that differ in shape or type");
  }
  const std::int64_t size = kernels::size_of(in.type), entry = in.rows * in.width * size;
  for (std::int64_t b = 0; b < in.batch; ++b) {
    std::memmove(static_cast<std::byte*>(out.data) + b * out.batch_stride * size,
                 static_cast<const std::byte*>(in.data) + b * in.batch_stride * size, static_cast<std::size_t>(entry));
  }
}

/// A group of one: every message is to itself.
class GroupOfOne : public RankGroup {
 public:
  [[nodiscard]] std::int64_t rank() const override { return 0; }
  [[nodiscard]] std::int64_t size() const override { return 1; }

  void gather_tokens(View whole, ConstView own) override { copy(whole, own); }
  void reduce_scatter_tokens(View own, ConstView whole) override { copy(own, whole); }
  void tokens_to_heads(View out, ConstView in) override { copy(out, in); }
  void heads_to_tokens(View out, ConstView in) override { copy(out, in); }
  void begin_passing(View incoming, ConstView outgoing) override { copy(incoming, outgoing); }
  void finish_passing() override {}
  void all_reduce(View) override {}
  void all_reduce_max(View) override {}
  void gather_parts(View) override {}
  void gather_parts(View whole, ConstView shard) override { copy_all(whole, shard); }
  void reduce_scatter_parts(View shard, ConstView whole) override { copy_all(shard, whole); }
  void barrier() override {}

 private:
  static void copy_all(View out, ConstView in) {
    if (out.elements() != in.elements()) throw std::invalid_argument("a shard of one rank is the whole tensor");
    out = kernels::whole_view(out.data, out.type, 1, 1, out.elements());
    in.batch = in.rows = 1;
    in.width = out.width;
    copy(out, in);
  }
};

class Alone : public Communicator {
 public:
  [[nodiscard]] RankGroup& all() override { return group_; }
  [[nodiscard]] RankGroup& states() override { return group_; }
  [[nodiscard]] RankGroup& tensor() override { return group_; }
  [[nodiscard]] RankGroup& tensor(std::int64_t) override { return group_; }
  [[nodiscard]] RankGroup& sequence() override { return group_; }
  [[nodiscard]] RankGroup& ulysses() override { return group_; }
  [[nodiscard]] RankGroup& ring() override { return group_; }

 private:
  GroupOfOne group_;
};

}  // namespace

Part part_of(std::int64_t elements, std::int64_t rank, std::int64_t ranks) {
  const std::int64_t length = ceil_div(elements, ranks);
  const std::int64_t first = std::min(rank * length, elements);
  return {first, std::min(length, elements - first), length};
}

Communicator& alone() {
  static Alone communicator;
  return communicator;
}

}  // namespace headroom::measure
