#include <cstdint>

#include "cuda_backend.h"
#include "elementwise_rules.h"
#include "simt/linear.h"

namespace headroom::kernels::cuda {

namespace {

/// out = or += x.
struct Convert {
  View out;
  ConstView x;
  Write write = Write::set;
  bool aligned = false;

  HEADROOM_HD void operator()(std::int64_t entry, std::int64_t i, std::int64_t length) const {
    const simt::Pack p = simt::load(x.type, x.data, simt::pack_of(x, entry, i, length, aligned));
    simt::store(out.type, out.data, simt::pack_of(out, entry, i, length, aligned), p, write);
  }
};

void convert_by(simt::Stream stream, const View& out, const ConstView& x, Write write) {
  simt::launch_linear(stream, out, Convert{out, x, write, simt::are_aligned(out, x)});
}

/// x = 0, where x are pieces of kPack bytes.
struct Zero {
  View x;
  bool aligned = false;

  HEADROOM_HD void operator()(std::int64_t entry, std::int64_t i, std::int64_t length) const {
    const simt::PackAt at = simt::pack_of(x, entry, i, length, aligned);
    auto* bytes = static_cast<unsigned char*>(x.data) + at.index;
    if (at.is_wide()) {
      *reinterpret_cast<std::uint64_t*>(bytes) = 0;
    } else {
      for (int j = 0; j < at.n; ++j) bytes[j] = 0;
    }
  }
};

}  // namespace

void CudaBackend::add(View x, ConstView y) {
  check_add(x, y);
  convert_by(stream_, x, y, Write::add);
}

void CudaBackend::convert(View out, ConstView x) {
  check_convert(out, x);
  convert_by(stream_, out, x, Write::set);
}

void CudaBackend::zero(View x) {
  const std::int64_t size = size_of(x.type);
  const View bytes{x.data, Type::uint8, x.batch, x.rows, x.width * size, x.batch_stride * size};
  simt::launch_linear(stream_, bytes, Zero{bytes, simt::is_aligned(bytes)});
}

}  // namespace headroom::kernels::cuda
