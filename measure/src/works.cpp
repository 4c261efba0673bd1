#include "works.h"

#include <algorithm>

#include "units.h"

namespace headroom::measure {
namespace {

/// Beside the layers' units, which are numbered as the layers are.
constexpr std::int64_t kEmbedding = -1;
constexpr std::int64_t kHead = -2;

std::vector<std::int64_t> units_of(const Segments& segments) {
  std::vector<std::int64_t> units = {kEmbedding};
  for (std::int64_t layer = 0; layer < segments.layers; ++layer) units.push_back(layer);
  units.push_back(kHead);
  for (std::int64_t segment = segments.count() - 1; segment >= 0; --segment) {
    const std::int64_t first = segments.first(segment), last = segments.end(segment) - 1;
    for (std::int64_t layer = first; segments.recomputes && layer < last; ++layer) units.push_back(layer);
    for (std::int64_t layer = last; layer >= first; --layer) units.push_back(layer);
  }
  return units;
}

}  // namespace

Works::Works(const Run& run, Weights& weights, const Segments& segments)
    : run_(run), weights_(weights), units_(units_of(segments)), depth_(run.job.method.prefetch) {}

void Works::begin() {
  if (!run_.fetches_parameters()) return;
  const std::int64_t end = std::min(current_ + depth_ + 1, static_cast<std::int64_t>(units_.size()));
  for (; fetched_ < end; ++fetched_) {
    const std::int64_t unit = units_[static_cast<std::size_t>(fetched_)];
    if (!is_among(fetched_ - depth_, fetched_, unit)) open(unit);
  }
}

void Works::end() {
  if (!run_.fetches_parameters()) return;
  const std::int64_t unit = units_[static_cast<std::size_t>(current_++)];
  if (!is_among(current_, current_ + depth_, unit)) close(unit);
}

bool Works::is_among(std::int64_t first, std::int64_t end, std::int64_t unit) const {
  const auto count = static_cast<std::int64_t>(units_.size());
  const auto from = units_.begin() + std::max<std::int64_t>(first, 0), to = units_.begin() + std::min(end, count);
  return std::find(from, to, unit) != to;
}

Unit Works::parameters_of(std::int64_t unit) {
  if (unit == kEmbedding) return embedding_unit(weights_);
  if (unit == kHead) return head_unit(weights_);
  return layer_unit(weights_.layers[static_cast<std::size_t>(unit)]);
}

void Works::open(std::int64_t unit) {
  for (Parameter* parameter : parameters_of(unit)) parameter->value = whole_value(run_, *parameter);
  if (unit == kHead && !weights_.head) weights_.tied_table = whole_value(run_, weights_.embedding);
}

void Works::close(std::int64_t unit) {
  for (Parameter* parameter : parameters_of(unit)) parameter->value.dies();
  if (unit == kHead) weights_.tied_table.dies();
}

}  // namespace headroom::measure
