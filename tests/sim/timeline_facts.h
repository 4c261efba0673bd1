#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>

#include <headroom/sim/predictor.h>

namespace headroom::test {

/// Equal tensors as a timeline tells them apart.
struct TensorKey {
  std::string_view name;
  Category category;
  Bytes bytes;

  bool operator==(const TensorKey&) const = default;
};
struct TensorKeyHash {
  std::size_t operator()(const TensorKey& key) const {
    return std::hash<std::string_view>()(key.name) * 31 + static_cast<std::size_t>(key.bytes.count()) * 16 +
           static_cast<std::size_t>(key.category);
  }
};
using TensorCounts = std::unordered_map<TensorKey, std::int64_t, TensorKeyHash>;

/// What the plain unrolling of one step says, counted here from its births and deaths alone.
struct TimelineFacts {
  sim::Peak peak;  ///< the first of the largest
  BytesByCategory at_peak;
  TensorCounts alive_at_peak;
  std::array<std::optional<sim::Peak>, sim::kInstantCount> by_instant;  ///< where something was born
  sim::Peak without;                                                    ///< the peak if `vanished` cost nothing
  BytesByCategory born;                                                 ///< all that was ever born
  TensorCounts alive_at_end;
  std::int64_t events = 0;
  std::string fault;  ///< first death of what was not alive, or running total that is not the sum
};

[[nodiscard]] TimelineFacts timeline_facts(const sim::Predictor& predictor, Tokens seq, Category vanished);

}  // namespace headroom::test
