#include <cstdint>

#include "cuda_backend.h"
#include "elements_at.h"
#include "expert_rules.h"
#include "simt/pack.h"
#include "simt/reduce.h"

namespace headroom::kernels::cuda {

namespace {

using simt::kPack;
using simt::Pack;
using simt::Thread;

/// A block for each row.
struct PlaceRow {
  static constexpr int kThreads = 256;
  static constexpr int kMinBlocks = 1;

  View placed;
  ConstView x;
  ConstView places;
  bool aligned = false;

  HEADROOM_DEVICE void operator()(Thread& thread) const {
    const std::int64_t row = thread.block().x, from = simt::row_begin(x, row);
    for (std::int64_t i = simt::first_pack(thread); i < x.width; i += simt::pack_step(thread)) {
      const Pack p = simt::load(x.type, x.data, simt::pack_at(from, i, x.width, aligned));
      for (std::int64_t j = 0; j < places.width; ++j) {
        const std::int64_t place = int32_at(places, row, j);
        if (place < 0) continue;
        simt::store(placed.type, placed.data, simt::pack_at(place * x.width, i, x.width, aligned), p);
      }
    }
  }
};

/// A block for each row.
struct SumRow {
  static constexpr int kThreads = 256;
  static constexpr int kMinBlocks = 1;

  View out;
  ConstView placed;
  ConstView places;
  ConstView weights;
  bool aligned = false;

  HEADROOM_DEVICE void operator()(Thread& thread) const {
    const std::int64_t row = thread.block().x, to = simt::row_begin(out, row);
    for (std::int64_t i = simt::first_pack(thread); i < out.width; i += simt::pack_step(thread)) {
      simt::store(out.type, out.data, simt::pack_at(to, i, out.width, aligned), sum_of(row, i));
    }
  }

  [[nodiscard]] HEADROOM_DEVICE Pack sum_of(std::int64_t row, std::int64_t column) const {
    Pack sum;
    for (std::int64_t j = 0; j < places.width; ++j) {
      const std::int64_t place = int32_at(places, row, j);
      if (place < 0) continue;
      const float weight = weights ? fp32_at(weights, row, j) : 1;
      const Pack p = simt::load(placed.type, placed.data, simt::pack_at(place * out.width, column, out.width, aligned));
      HEADROOM_UNROLL
      for (int k = 0; k < kPack; ++k) sum.v[k] += weight * p.v[k];
    }
    return sum;
  }
};

/// A block for each row; in shared memory, behind kReduceBytes, a float for each of its choices.
struct SumRowBackward {
  static constexpr int kThreads = 256;
  static constexpr int kMinBlocks = 1;

  View placed;
  ExpertChoice choice;
  ConstView d_out;
  bool aligned = false;

  HEADROOM_DEVICE void operator()(Thread& thread) const {
    const std::int64_t row = thread.block().x, k = choice.places.width;
    auto* products = thread.shared<float>(simt::kReduceBytes);
    float mean = 0;
    for (std::int64_t j = 0; j < k; ++j) {
      const std::int64_t place = int32_at(choice.places, row, j);
      const float weight = fp32_at(choice.weights, row, j);
      const float product = place < 0 ? 0 : through(thread, row, place, weight);
      if (thread.thread() == 0) products[j] = product;
      mean += weight * product;
    }
    if (thread.thread() > 0) return;
    for (std::int64_t j = 0; j < k; ++j) fp32_at(choice.weights, row, j) *= products[j] - mean;
  }

  /// <d_out, placed>, and placed becomes its gradient.
  [[nodiscard]] HEADROOM_DEVICE float through(Thread& thread, std::int64_t row, std::int64_t place,
                                              float weight) const {
    const std::int64_t from = simt::row_begin(d_out, row), width = d_out.width;
    float product = 0;
    for (std::int64_t i = simt::first_pack(thread); i < width; i += simt::pack_step(thread)) {
      const simt::PackAt at = simt::pack_at(place * width, i, width, aligned);
      Pack gradient = simt::load(d_out.type, d_out.data, simt::pack_at(from, i, width, aligned));
      const Pack p = simt::load(placed.type, placed.data, at);
      HEADROOM_UNROLL
      for (int j = 0; j < kPack; ++j) {
        product += gradient.v[j] * p.v[j];
        gradient.v[j] *= weight;
      }
      simt::store(placed.type, placed.data, at, gradient);
    }
    return simt::block_sum(thread, thread.shared<float>(), product);
  }
};

/// A block for each expert, which writes zeros behind the places that rows have.
struct ZeroUnused {
  static constexpr int kThreads = 256;
  static constexpr int kMinBlocks = 1;

  View placed;
  ExpertChoice choice;
  bool aligned = false;

  HEADROOM_DEVICE void operator()(Thread& thread) const {
    const std::int64_t expert = thread.block().x, taken = end_of_taken(thread, expert);
    const std::int64_t elements = (int32_at(choice.first, expert + 1) - taken) * placed.width;
    for (std::int64_t i = simt::first_pack(thread); i < elements; i += simt::pack_step(thread)) {
      simt::store(placed.type, placed.data, simt::pack_at(taken * placed.width, i, elements, aligned), Pack{});
    }
  }

  /// The end of the expert's places that rows have.
  [[nodiscard]] HEADROOM_DEVICE std::int64_t end_of_taken(Thread& thread, std::int64_t expert) const {
    const std::int64_t k = choice.places.width;
    auto* last = thread.shared<std::int32_t>();  // a place for each thread
    std::int32_t behind = int32_at(choice.first, expert);
    for (std::int64_t i = thread.thread(); i < choice.places.elements(); i += kThreads) {
      const std::int32_t place = int32_at(choice.places, i / k, i % k);
      if (int32_at(choice.experts, i / k, i % k) == expert && place >= behind) behind = place + 1;
    }
    last[thread.thread()] = behind;
    thread.sync();
    for (int i = 0; i < kThreads; ++i) behind = last[i] > behind ? last[i] : behind;
    return behind;
  }
};

}  // namespace

void CudaBackend::place_rows(View placed, ConstView x, ConstView places) {
  check_places(x, placed, places, "place_rows");
  zero(placed);
  launch(simt::one_block_each_row(x.batch * x.rows, x.width, kPack, PlaceRow::kThreads, 0),
         PlaceRow{placed, x, places, simt::have_aligned_rows(placed, x)});
}

void CudaBackend::sum_places(View out, ConstView placed, ConstView places, ConstView weights) {
  check_sum_places(out, placed, places, weights);
  launch(simt::one_block_each_row(out.batch * out.rows, out.width, kPack, SumRow::kThreads, 0),
         SumRow{out, placed, places, weights, simt::have_aligned_rows(out, placed)});
}

void CudaBackend::sum_places_backward(View placed, const ExpertChoice& choice, ConstView d_out) {
  check_sum_places_backward(placed, choice, d_out);
  const bool aligned = simt::have_aligned_rows(placed, d_out);
  const int shared = simt::kReduceBytes + static_cast<int>(choice.places.width) * 4;
  launch(simt::one_block_each_row(d_out.batch * d_out.rows, d_out.width, kPack, SumRowBackward::kThreads, shared),
         SumRowBackward{placed, choice, d_out, aligned});
  launch({{experts_of(choice.first), 1, 1}, ZeroUnused::kThreads, ZeroUnused::kThreads * 4},
         ZeroUnused{placed, choice, aligned});
}

}  // namespace headroom::kernels::cuda
