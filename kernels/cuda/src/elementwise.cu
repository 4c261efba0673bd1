#include "check.h"
#include "cuda_backend.h"
#include "simt/element.h"

namespace headroom::kernels::cuda {

namespace {

using simt::Thread;

/// out = x or += x, element by element.
struct Convert {
  static constexpr int kThreads = 256;
  static constexpr int kMinBlocks = 1;

  View out;
  ConstView x;
  Write write;

  HEADROOM_DEVICE void operator()(Thread& thread) const {
    const std::int64_t step = thread.blocks().x * thread.threads();
    for (std::int64_t i = thread.block().x * thread.threads() + thread.thread(); i < out.elements(); i += step) {
      const std::int64_t row = i / out.width, column = i % out.width;
      simt::store(out.type, out.data, simt::row_begin(out, row) + column,
                  simt::load(x.type, x.data, simt::row_begin(x, row) + column), write);
    }
  }
};

/// Bytes of every row become 0.
struct Zero {
  static constexpr int kThreads = 256;
  static constexpr int kMinBlocks = 1;

  View x;
  std::int64_t row_bytes;

  HEADROOM_DEVICE void operator()(Thread& thread) const {
    const std::int64_t step = thread.blocks().x * thread.threads(), element = row_bytes / x.width;
    for (std::int64_t i = thread.block().x * thread.threads() + thread.thread(); i < x.batch * x.rows * row_bytes;
         i += step) {
      const std::int64_t row = i / row_bytes;
      static_cast<unsigned char*>(x.data)[simt::row_begin(x, row) * element + i % row_bytes] = 0;
    }
  }
};

}  // namespace

void CudaBackend::add(View x, ConstView y) {
  require_same_shape(x, y, "add", "x and y differ in shape");
  launch(simt::one_thread_each(x.elements()), Convert{x, y, Write::add});
}

void CudaBackend::convert(View out, ConstView x) {
  require_same_shape(out, x, "convert", "out and x differ in shape");
  launch(simt::one_thread_each(x.elements()), Convert{out, x, Write::set});
}

void CudaBackend::zero(View x) {
  const std::int64_t row_bytes = x.width * size_of(x.type);
  launch(simt::one_thread_each(x.batch * x.rows * row_bytes), Zero{x, row_bytes});
}

}  // namespace headroom::kernels::cuda
