#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include <headroom/models/variation.h>
#include <headroom/sim/sweep.h>

#include "style.h"

namespace headroom::cli {

/// Many jobs, and how each row of the answer begins.
struct SweepPlan {
  sim::Sweep sweep;
  std::vector<Variation> axes;    ///< without the lengths, in the sweep's order
  std::optional<AxisValues> seq;  ///< where lengths vary
  std::optional<sim::Grid> grid;  ///< where the longest context is asked for
  Job base;
  std::vector<std::string> notes;

  /// The values of a row's axes, without the length.
  [[nodiscard]] std::vector<std::string> values_of(std::int64_t row) const;
};

/// Counts of a sweep's rows.
struct SweepCounts {
  std::int64_t fitting = 0;
  std::int64_t too_large = 0;
  std::int64_t refused = 0;
  std::map<std::string, std::int64_t> refusals;  ///< by sentence, the first kinds that come

  void add(const sim::SweepAnswer& answer);
  void add(const SweepCounts& other);
  [[nodiscard]] std::int64_t all() const { return fitting + too_large + refused; }
};

/// Rows of a sweep one by one: whole lines each.
class SweepWriter {
 public:
  explicit SweepWriter(const SweepPlan& plan) : plan_(plan) {}
  virtual ~SweepWriter() = default;
  SweepWriter(const SweepWriter&) = delete;
  SweepWriter& operator=(const SweepWriter&) = delete;

  [[nodiscard]] virtual std::string begin() const = 0;
  /// Safe from several threads at once.
  [[nodiscard]] virtual std::string line(std::int64_t row, const sim::SweepAnswer& answer) const = 0;

 protected:
  [[nodiscard]] const SweepPlan& plan() const { return plan_; }

 private:
  const SweepPlan& plan_;
};

class SweepCsv final : public SweepWriter {
 public:
  using SweepWriter::SweepWriter;
  [[nodiscard]] std::string begin() const override;
  [[nodiscard]] std::string line(std::int64_t row, const sim::SweepAnswer& answer) const override;
};

/// JSON lines: first what holds for all rows, then an object a row.
class SweepJsonLines final : public SweepWriter {
 public:
  using SweepWriter::SweepWriter;
  [[nodiscard]] std::string begin() const override;
  [[nodiscard]] std::string line(std::int64_t row, const sim::SweepAnswer& answer) const override;
};

/// A row as it is kept for a table.
struct SweepRow {
  std::int64_t number = 0;
  sim::SweepAnswer answer;
};

/// The most rows that a table shows.
inline constexpr std::int64_t kMostTableRows = 1000;

[[nodiscard]] std::string table_text(const SweepPlan& plan, const std::vector<SweepRow>& rows, const Style& style);

/// "1,000,000 jobs: 812,300 fit, 150,000 do not fit, 37,700 are refused"
[[nodiscard]] std::string counts_text(const SweepCounts& counts);
/// What --skip-refused left out, by sentence; none where nothing was refused.
[[nodiscard]] std::vector<std::string> refusals_text(const SweepCounts& counts);

}  // namespace headroom::cli
