#pragma once

#include <cstdint>
#include <optional>

#include <headroom/models/job.h>
#include <headroom/sim/predictor.h>

namespace headroom::sim {

/// The lengths a max-context query chooses from: multiples of a step a sequence rank, or powers of two as papers print
/// them. All are multiples of the sequence ranks; powers of two can only be where their number is one.
struct Grid {
  enum class Kind : std::uint8_t { multiples, powers_of_two };
  Kind kind = Kind::multiples;
  Tokens step{256};  ///< for each sequence rank; read only for multiples

  bool operator==(const Grid&) const = default;
};

/// The longest length that any grid has: an answer of so many tokens is no limit.
inline constexpr Tokens kLongestContext{std::int64_t{1} << 40};

/// Where a limit stands and what stands there.
struct Wall {
  Tokens tokens;  ///< largest length that fits; 0: none
  Moment moment;
  Category binding{};
};

/// Host memory as a second limit.
struct HostLimit {
  Bytes needed;        ///< of a node, at the answer's length
  Bytes capacity;      ///< of a node
  Tokens tokens;       ///< longest length that it holds
  bool binds = false;  ///< whether it ends the answer before the device does
};

/// The answer to "what is the longest context?".
struct MaxContext {
  Tokens tokens;                  ///< largest length of the grid that fits; 0: not even the first
  Bytes capacity;                 ///< of the device
  Breakdown breakdown;            ///< at `tokens`, or at the grid's first length where nothing fits
  Tokens next;                    ///< the next length of the grid
  Bytes shortfall;                ///< bytes missing there, of the memory that binds
  Wall next_wall;                 ///< what binds if the binding category, or host memory where that binds, cost nothing
  std::optional<HostLimit> host;  ///< where the job offloads and host memory is limited
};

/// The largest length of `grid` at which neither the job's device bytes exceed the device's capacity nor what a node's
/// ranks keep on the host exceeds its host memory.
[[nodiscard]] MaxContext max_context(const Predictor& predictor, const Grid& grid);

/// Only the length: what sweeps and suggestions need.
[[nodiscard]] Tokens longest_context(const Predictor& predictor, const Grid& grid);

}  // namespace headroom::sim
