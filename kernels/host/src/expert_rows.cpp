#include <cstring>

#include "expert_rules.h"
#include "integers.h"
#include "loops.h"

namespace headroom::kernels::host {

namespace {

/// One row of the weighted sum, backward.
struct SummedRow {
  const ExpertChoice& choice;
  View placed;
  ConstView d_out;
  std::int64_t row = 0;

  [[nodiscard]] float& weight(std::int64_t j) const { return fp32(choice.weights, row_begin(choice.weights, row) + j); }

  /// <d_out, placed>, and placed becomes its gradient.
  [[nodiscard]] float through(std::int64_t place, float weight) const {
    Segment a, b, values;
    double product = 0;
    for_each_step(0, d_out.width, kSegment, [&](std::int64_t column, std::int64_t n) {
      const ConstFloats gradient = read_row(d_out, row, column, n, a);
      product += static_cast<double>((gradient * read_row(placed, place, column, n, b)).sum());
      Floats(values.data(), n) = gradient * weight;
      write_row(placed, place, column, {values.data(), n});
    });
    return static_cast<float>(product);
  }

  /// `products` holds a float for each choice.
  void backward(float* products) const {
    const std::int64_t k = choice.places.width;
    float mean = 0;
    for (std::int64_t j = 0; j < k; ++j) {
      const std::int64_t place = int32(choice.places, row, j);
      products[j] = place < 0 ? 0 : through(place, weight(j));
      mean += weight(j) * products[j];
    }
    for (std::int64_t j = 0; j < k; ++j) weight(j) *= products[j] - mean;
  }
};

/// Places of an expert that rows have.
std::int64_t taken_places(const ExpertChoice& choice, std::int64_t expert) {
  std::int64_t taken = 0;
  for (std::int64_t row = 0; row < choice.places.batch * choice.places.rows; ++row) {
    for (std::int64_t j = 0; j < choice.places.width; ++j) {
      if (int32(choice.experts, row, j) == expert && int32(choice.places, row, j) >= 0) ++taken;
    }
  }
  return taken;
}

void zero_places(const View& placed, std::int64_t first, std::int64_t end) {
  const std::int64_t row = placed.width * size_of(placed.type);
  std::memset(static_cast<std::byte*>(placed.data) + first * row, 0, static_cast<std::size_t>((end - first) * row));
}

}  // namespace

void HostBackend::place_rows(View placed, ConstView x, ConstView places) {
  check_places(x, placed, places, "place_rows");
  zero(placed);
  for_each_segment(x, [&](std::int64_t row, std::int64_t column, std::int64_t n) {
    Segment buffer;
    const ConstFloats values = read_row(x, row, column, n, buffer);
    for (std::int64_t j = 0; j < places.width; ++j) {
      const std::int64_t place = int32(places, row, j);
      if (place >= 0) write_row(placed, place, column, values);
    }
  });
}

void HostBackend::sum_places(View out, ConstView placed, ConstView places, ConstView weights) {
  check_sum_places(out, placed, places, weights);
  for_each_segment(out, [&](std::int64_t row, std::int64_t column, std::int64_t n) {
    Segment buffer, values;
    Floats sum(values.data(), n);
    sum.setZero();
    for (std::int64_t j = 0; j < places.width; ++j) {
      const std::int64_t place = int32(places, row, j);
      const float weight = weights ? fp32(weights, row_begin(weights, row) + j) : 1;
      if (place >= 0) sum += weight * read_row(placed, place, column, n, buffer);
    }
    write_row(out, row, column, {values.data(), n});
  });
}

void HostBackend::sum_places_backward(View placed, const ExpertChoice& choice, ConstView d_out) {
  check_sum_places_backward(placed, choice, d_out);
  const std::int64_t rows = d_out.batch * d_out.rows, k = choice.places.width;
  const std::int64_t each = std::max<std::int64_t>(1, kPart / std::max<std::int64_t>(1, d_out.width * k));
  pool_.run(parts_of(rows, each), [&](std::int64_t part, int thread) {
    float* products = scratch(thread).take(k);
    for (std::int64_t row = part * each; row < std::min(rows, (part + 1) * each); ++row) {
      SummedRow{choice, placed, d_out, row}.backward(products);
    }
  });
  pool_.run(experts_of(choice.first), [&](std::int64_t expert, int) {
    const std::int64_t taken = int32(choice.first, 0, expert) + taken_places(choice, expert);
    zero_places(placed, taken, int32(choice.first, 0, expert + 1));
  });
}

}  // namespace headroom::kernels::host
