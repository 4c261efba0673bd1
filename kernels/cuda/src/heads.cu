#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "cuda_backend.h"
#include "head_rules.h"
#include "simt/pack.h"

namespace headroom::kernels::cuda {

namespace {

using simt::kPack;
using simt::Pack;
using simt::PackAt;
using simt::Thread;

/// The pack that begins at `column` of the stretch of a head of a row.
template <class Void>
HEADROOM_HD PackAt pack_of_stretch(const BasicView<Void>& v, const HeadStretch& stretch, std::int64_t row,
                                   std::int64_t head, std::int64_t column, bool aligned) {
  const std::int64_t begin = simt::row_begin(v, row) + head * stretch.head_dim + stretch.first;
  return simt::pack_at(begin, column, stretch.dim, aligned);
}

struct CopyHeads {
  View out;
  HeadStretch to;
  ConstView x;
  HeadStretch from;
  bool aligned = false;

  HEADROOM_HD void operator()(std::int64_t row, std::int64_t head, std::int64_t column) const {
    const std::int64_t source = from.heads == 1 ? 0 : head;
    const Pack p = simt::load(x.type, x.data, pack_of_stretch(x, from, row, source, column, aligned));
    simt::store(out.type, out.data, pack_of_stretch(out, to, row, head, column, aligned), p);
  }
};

struct SumHeads {
  View out;
  ConstView x;
  HeadStretch from;
  bool aligned = false;

  HEADROOM_HD void operator()(std::int64_t row, std::int64_t, std::int64_t column) const {
    Pack sum;
    for (std::int64_t head = 0; head < from.heads; ++head) {
      const Pack p = simt::load(x.type, x.data, pack_of_stretch(x, from, row, head, column, aligned));
      HEADROOM_UNROLL
      for (int j = 0; j < kPack; ++j) sum.v[j] += p.v[j];
    }
    simt::store(out.type, out.data, simt::pack_at(simt::row_begin(out, row), column, out.width, aligned), sum);
  }
};

struct ZeroHeads {
  View x;
  HeadStretch stretch;
  bool aligned = false;

  HEADROOM_HD void operator()(std::int64_t row, std::int64_t head, std::int64_t column) const {
    simt::store(x.type, x.data, pack_of_stretch(x, stretch, row, head, column, aligned), Pack{});
  }
};

/// Calls body(row, head, column) for the first column of every pack of the stretch of every head of every row.
template <class Body>
struct EachPack {
  static constexpr int kThreads = 256;
  static constexpr int kMinBlocks = 1;

  Body body;
  std::int64_t rows;
  std::int64_t heads;
  std::int64_t packs;  ///< of a stretch

  HEADROOM_DEVICE void operator()(Thread& thread) const {
    const std::int64_t step = thread.blocks().x * kThreads;
    for (std::int64_t i = thread.block().x * kThreads + thread.thread(); i < rows * heads * packs; i += step) {
      body(i / packs / heads, i / packs % heads, i % packs * kPack);
    }
  }
};

template <class Body>
void launch_packs(simt::Stream stream, const ConstView& rows, std::int64_t heads, std::int64_t dim, const Body& body) {
  const EachPack<Body> each{body, rows.batch * rows.rows, heads, simt::parts_of(dim, kPack)};
  const std::int64_t blocks = simt::parts_of(each.rows * heads * each.packs, EachPack<Body>::kThreads);
  simt::launch(stream, {{std::min<std::int64_t>(blocks, 65535), 1, 1}, EachPack<Body>::kThreads, 0}, each);
}

/// The stretch of the first head of batch entry `entry`, and of the others from there.
template <class Void>
BasicMatrix<Void> matrix_of_stretch(const BasicView<Void>& v, const HeadStretch& stretch, std::int64_t entry) {
  using Byte = std::conditional_t<std::is_const_v<Void>, const std::byte, std::byte>;
  const std::int64_t begin = simt::row_begin(v, entry, 0) + stretch.first;
  return {static_cast<Byte*>(v.data) + begin * size_of(v.type), v.type, v.width, stretch.head_dim, false};
}

/// Whether packs of the stretch begin at packs in every head.
bool has_aligned_packs(const HeadStretch& stretch) {
  return stretch.head_dim % kPack == 0 && stretch.first % kPack == 0;
}

}  // namespace

void CudaBackend::copy_heads(View out, const HeadStretch& to, ConstView x, const HeadStretch& from) {
  check_copy_heads(out, to, x, from);
  const bool aligned = simt::have_aligned_rows(out, x) && has_aligned_packs(to) && has_aligned_packs(from);
  launch_packs(stream_, out, to.heads, to.dim, CopyHeads{out, to, x, from, aligned});
}

void CudaBackend::sum_heads(View out, ConstView x, const HeadStretch& from) {
  check_sum_heads(out, x, from);
  const bool aligned = simt::have_aligned_rows(out, x) && has_aligned_packs(from);
  launch_packs(stream_, out, 1, from.dim, SumHeads{out, x, from, aligned});
}

void CudaBackend::zero_heads(View x, const HeadStretch& stretch) {
  check_stretch(x, stretch, "zero_heads");
  const bool aligned = simt::have_aligned_rows(x) && has_aligned_packs(stretch);
  launch_packs(stream_, x, stretch.heads, stretch.dim, ZeroHeads{x, stretch, aligned});
}

void CudaBackend::multiply_heads(View out, const HeadStretch& to, ConstView x, const HeadStretch& from,
                                 const ConstView& w, bool transposed) {
  check_head_product(out, to, x, from, w, transposed);
  const ConstMatrix weight{w.data, w.type, w.width, transposed ? from.dim : to.dim, transposed};
  for (std::int64_t entry = 0; entry < out.batch; ++entry) {
    products_->multiply({matrix_of_stretch(out, to, entry),
                         matrix_of_stretch(x, from, entry),
                         weight,
                         out.rows,
                         to.dim,
                         from.dim,
                         to.heads,
                         1,
                         Write::set,
                         {}});
  }
}

void CudaBackend::head_product(View out, const HeadStretch& to, ConstView x, const HeadStretch& from, ConstView w) {
  multiply_heads(out, to, x, from, w, false);
}

void CudaBackend::head_product_transposed(View out, const HeadStretch& to, ConstView x, const HeadStretch& from,
                                          ConstView w) {
  multiply_heads(out, to, x, from, w, true);
}

}  // namespace headroom::kernels::cuda
