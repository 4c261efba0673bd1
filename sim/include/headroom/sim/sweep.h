#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include <headroom/models/job.h>
#include <headroom/models/variation.h>
#include <headroom/sim/max_context.h>
#include <headroom/sim/predictor.h>

namespace headroom::sim {

/// One thing that varies from job to job.
struct SweepAxis {
  std::int64_t count = 0;                                 ///< of its values
  std::function<void(Job& job, std::int64_t value)> set;  ///< gives a job one of them, counted from 0
  bool brings_others = false;                             ///< it is set before the axes whose values it would overwrite
};

/// The axis of a variation. Each name and the first number of each range is tried on `base`; notes of files are added
/// once. A method brings all of its own choices. Throws InputError for a value that is not accepted.
[[nodiscard]] SweepAxis sweep_axis(const Variation& variation, const Job& base, std::vector<std::string>& notes);

/// The lengths at which every combination is predicted, or the grid of which each gets its longest.
struct SweepLengths {
  std::int64_t count = 0;
  std::function<Tokens(std::int64_t value)> at;
};
using SweepQuestion = std::variant<SweepLengths, Grid>;

/// What one row of a sweep is.
struct SweepAnswer {
  std::string refused;  ///< why there is no prediction; empty: there is one
  Tokens seq;           ///< the length asked for, or the longest; 0: not even the grid's first fits
  bool fits = false;
  Bytes allocated;  ///< at that length, or at the grid's first
  Bytes device;
  Bytes capacity;  ///< of the device
  Bytes host;      ///< of a rank
  Moment moment;
  Category binding{};
  bool host_binds = false;  ///< whether host memory ends the longest length before the device does
};

/// Every combination of the values of some axes, at every length or at its longest. Rows are numbered: the first axis
/// varies slowest, lengths fastest.
class Sweep {
 public:
  /// Throws InputError where there are no rows, or more than 2^63-1.
  Sweep(Job base, std::vector<SweepAxis> axes, SweepQuestion question);

  [[nodiscard]] std::int64_t rows() const { return rows_; }

  /// Which value each axis has in a row, and last which length.
  [[nodiscard]] std::vector<std::int64_t> values(std::int64_t row) const;

  /// Answers `count` rows from `first` on, each to `visit(row, answer)`. Safe from several threads at once.
  void answer(std::int64_t first, std::int64_t count,
              const std::function<void(std::int64_t row, const SweepAnswer& answer)>& visit) const;

 private:
  [[nodiscard]] Job job_of(std::int64_t combination) const;

  Job base_;
  std::vector<SweepAxis> axes_;
  SweepQuestion question_;
  std::int64_t lengths_ = 1;  ///< rows of a combination
  std::int64_t rows_ = 0;
};

}  // namespace headroom::sim
