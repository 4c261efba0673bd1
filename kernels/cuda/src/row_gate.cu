#include <cmath>
#include <cstdint>

#include "cuda_backend.h"
#include "elements_at.h"
#include "expert_rules.h"
#include "simt/linear.h"
#include "simt/reduce.h"

namespace headroom::kernels::cuda {

namespace {

using simt::kPack;
using simt::Pack;
using simt::PackAt;
using simt::Thread;

struct Sigmoid {
  View x;
  bool aligned = false;

  HEADROOM_HD void operator()(std::int64_t entry, std::int64_t i, std::int64_t length) const {
    const PackAt at = simt::pack_of(x, entry, i, length, aligned);
    Pack p = simt::load(x.type, x.data, at);
    HEADROOM_UNROLL
    for (float& value : p.v) value = 1 / (1 + std::exp(-value));
    simt::store(x.type, x.data, at, p);
  }
};

/// A block for each row.
struct GateRow {
  static constexpr int kThreads = 256;
  static constexpr int kMinBlocks = 1;

  View x;
  ConstView gate;
  bool aligned = false;

  HEADROOM_DEVICE void operator()(Thread& thread) const {
    const std::int64_t row = thread.block().x, begin = simt::row_begin(x, row);
    const float value = fp32_at(gate, row, 0);
    for (std::int64_t i = simt::first_pack(thread); i < x.width; i += simt::pack_step(thread)) {
      const PackAt at = simt::pack_at(begin, i, x.width, aligned);
      Pack p = simt::load(x.type, x.data, at);
      HEADROOM_UNROLL
      for (float& element : p.v) element *= value;
      simt::store(x.type, x.data, at, p);
    }
  }
};

/// A block for each row.
struct GateRowBackward {
  static constexpr int kThreads = 256;
  static constexpr int kMinBlocks = 1;

  View d_logit;
  View d_x;
  ConstView x;
  ConstView gate;
  bool aligned = false;

  HEADROOM_DEVICE void operator()(Thread& thread) const {
    const std::int64_t row = thread.block().x, begin = simt::row_begin(x, row), to = simt::row_begin(d_x, row);
    const float value = fp32_at(gate, row, 0);
    float product = 0;
    for (std::int64_t i = simt::first_pack(thread); i < x.width; i += simt::pack_step(thread)) {
      const PackAt at = simt::pack_at(to, i, x.width, aligned);
      Pack gradient = simt::load(d_x.type, d_x.data, at);
      const Pack p = simt::load(x.type, x.data, simt::pack_at(begin, i, x.width, aligned));
      HEADROOM_UNROLL
      for (int j = 0; j < kPack; ++j) {
        product += gradient.v[j] * p.v[j];
        gradient.v[j] *= value;
      }
      simt::store(d_x.type, d_x.data, at, gradient);
    }
    product = simt::block_sum(thread, thread.shared<float>(), product);
    if (thread.thread() == 0) fp32_at(d_logit, row, 0) = product * (1 - value);
  }
};

}  // namespace

void CudaBackend::sigmoid(View x) {
  require_floating("sigmoid", x);
  simt::launch_linear(stream_, x, Sigmoid{x, simt::is_aligned(x)});
}

void CudaBackend::gate_rows(View x, ConstView gate) {
  check_gate(gate, x, "gate_rows");
  launch(simt::one_block_each_row(x.batch * x.rows, x.width, kPack, GateRow::kThreads, 0),
         GateRow{x, gate, simt::have_aligned_rows(x)});
}

void CudaBackend::gate_rows_backward(View d_logit, View d_x, ConstView x, ConstView gate) {
  check_gate_backward(d_logit, d_x, x, gate);
  launch(simt::one_block_each_row(x.batch * x.rows, x.width, kPack, GateRowBackward::kThreads, simt::kReduceBytes),
         GateRowBackward{d_logit, d_x, x, gate, simt::have_aligned_rows(d_x, x)});
}

}  // namespace headroom::kernels::cuda
