#include "works_by_hand.h"

#include <algorithm>

namespace headroom::test {

std::vector<std::int64_t> units_of_works(const Recompute& recompute, std::int64_t layers) {
  std::vector<std::int64_t> works{kEmbeddingUnit};
  for (std::int64_t i = 0; i < layers; ++i) works.push_back(i);
  works.push_back(kHeadUnit);
  const std::int64_t k = recompute.kind == RecomputeKind::every ? recompute.every : 1;
  for (std::int64_t segment = (layers - 1) / k; segment >= 0; --segment) {
    const std::int64_t last = std::min(segment * k + k, layers) - 1;
    for (std::int64_t i = segment * k; i < last; ++i) works.push_back(i);
    for (std::int64_t i = last; i >= segment * k; --i) works.push_back(i);
  }
  return works;
}

UnitsOnDevice units_on_device(const std::vector<std::int64_t>& works, std::int64_t prefetch) {
  UnitsOnDevice result;
  std::set<std::int64_t> there;
  for (std::size_t work = 0; work < works.size(); ++work) {
    const std::size_t end = std::min(works.size(), work + static_cast<std::size_t>(prefetch) + 1);
    std::set<std::int64_t> wanted(works.begin() + static_cast<std::ptrdiff_t>(work),
                                  works.begin() + static_cast<std::ptrdiff_t>(end));
    for (const std::int64_t unit : wanted) result.arrivals[unit] += there.contains(unit) ? 0 : 1;
    result.during.push_back(wanted);
    there = std::move(wanted);
    there.erase(works[work]);
    for (std::size_t next = work + 1; next < end; ++next) there.insert(works[next]);
  }
  return result;
}

}  // namespace headroom::test
