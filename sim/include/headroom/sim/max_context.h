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

/// Where a limit stands and what stands there.
struct Wall {
  Tokens tokens;  ///< largest length that fits; 0: none
  Moment moment;
  Category binding{};
};

/// The answer to "what is the longest context?".
struct MaxContext {
  Tokens tokens;        ///< largest length of the grid that fits; 0: not even the first
  Bytes capacity;       ///< of the device
  Breakdown breakdown;  ///< at `tokens`, or at the grid's first length where nothing fits
  Tokens next;          ///< the next length of the grid
  Bytes shortfall;      ///< bytes missing there
  Wall next_wall;       ///< what binds if the binding category cost nothing
};

/// The largest length of `grid` at which the job's device bytes do not exceed its capacity.
[[nodiscard]] MaxContext max_context(const Predictor& predictor, const Grid& grid);

/// Only the length: what sweeps and suggestions need.
[[nodiscard]] Tokens longest_context(const Predictor& predictor, const Grid& grid);

}  // namespace headroom::sim
