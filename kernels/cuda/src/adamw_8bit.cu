#include <algorithm>
#include <cstdint>

#include "adamw_element.h"
#include "cuda_backend.h"
#include "dynamic_code.h"
#include "simt/element.h"
#include "simt/reduce.h"

namespace headroom::kernels::cuda {

namespace {

using simt::Thread;

/// A thread for each element of a block of the moments.
struct EightBitStep {
  static constexpr int kThreads = static_cast<int>(kMomentBlock);
  static constexpr int kMinBlocks = 1;
  static constexpr int kCodeBytes = DynamicCode::kSize * 4;
  static constexpr int kSharedBytes = simt::kReduceBytes + 2 * kCodeBytes;
  static_assert(kThreads == DynamicCode::kSize);

  View parameter;
  View master;
  EightBitMoment first_moment;
  EightBitMoment second_moment;
  ConstView gradient;
  AdamWRates rates;
  DynamicCode first_code;
  DynamicCode second_code;

  HEADROOM_DEVICE void operator()(Thread& thread) const {
    auto* first_values = thread.shared<float>(simt::kReduceBytes);
    auto* second_values = thread.shared<float>(simt::kReduceBytes + kCodeBytes);
    first_values[thread.thread()] = first_code.values[thread.thread()];
    second_values[thread.thread()] = second_code.values[thread.thread()];
    thread.sync();
    const std::int64_t elements = parameter.rows * parameter.width;
    for (std::int64_t block = thread.block().x; block * kMomentBlock < elements; block += thread.blocks().x) {
      const std::int64_t i = block * kMomentBlock + thread.thread();
      float first = 0, second = 0;
      if (i < elements) {
        first = decoded(first_moment, first_values, block, i);
        second = decoded(second_moment, second_values, block, i);
        step(i, first, second);
      }
      encode(thread, first_moment, first_values, block, i, elements, first);
      encode(thread, second_moment, second_values, block, i, elements, second);
    }
  }

 private:
  [[nodiscard]] HEADROOM_DEVICE static float decoded(const EightBitMoment& moment, const float* values,
                                                     std::int64_t block, std::int64_t i) {
    const float scale = static_cast<const float*>(moment.scales.data)[block];
    return values[static_cast<const std::uint8_t*>(moment.codes.data)[i]] * scale;
  }

  HEADROOM_DEVICE void step(std::int64_t i, float& first, float& second) const {
    const View& from = master ? master : parameter;
    float p = simt::load(from.type, from.data, i);
    step_element(rates, simt::load(gradient.type, gradient.data, i), p, first, second);
    simt::store(parameter.type, parameter.data, i, p);
    if (master) simt::store(master.type, master.data, i, p);
  }

  /// Taken by all threads of the block, those behind the last element with 0.
  HEADROOM_DEVICE static void encode(Thread& thread, const EightBitMoment& moment, const float* values,
                                     std::int64_t block, std::int64_t i, std::int64_t elements, float value) {
    const float largest = simt::block_max(thread, thread.shared<float>(), fabsf(value));
    if (thread.thread() == 0) static_cast<float*>(moment.scales.data)[block] = largest;
    if (i >= elements) return;
    static_cast<std::uint8_t*>(moment.codes.data)[i] = nearest_code(values, largest > 0 ? value / largest : 0);
  }
};

}  // namespace

void CudaBackend::adamw_8bit(View parameter, View master, const EightBitMoment& first_moment,
                             const EightBitMoment& second_moment, ConstView gradient, const AdamW& settings) {
  check_adamw_8bit(parameter, master, first_moment, second_moment, gradient, settings);
  constexpr std::int64_t kMostBlocks = 65535;
  const std::int64_t blocks = std::min(moment_blocks(parameter.elements()), kMostBlocks);
  launch({{blocks, 1, 1}, EightBitStep::kThreads, EightBitStep::kSharedBytes},
         EightBitStep{parameter, master, first_moment, second_moment, gradient, adamw_rates(settings), kSignedCode,
                      kUnsignedCode});
}

}  // namespace headroom::kernels::cuda
