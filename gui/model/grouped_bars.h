#pragma once

#include <QString>

#include <cstddef>
#include <cstdint>
#include <vector>

#include "model/scene.h"

/// Bars side by side, a colour for each series, and signs in the place of those that are none.
namespace headroom::gui {

struct GroupedBar {
  enum class Status : std::uint8_t {
    there,
    too_large,  ///< there, and its job does not fit
    nothing,    ///< no bar: nothing fits
    refused,    ///< no bar: there is no answer
  };

  Status status = Status::there;
  double value = 0;

  [[nodiscard]] bool has_height() const { return status == Status::there || status == Status::too_large; }
};

struct GroupedBars {
  QString title;  ///< of the groups
  std::vector<QString> groups;
  std::vector<QString> series;
  std::vector<GroupedBar> bars;  ///< those of the first group, in the order of the series, then the next group's

  [[nodiscard]] const GroupedBar& at(std::size_t group, std::size_t one) const {
    return bars[group * series.size() + one];
  }
};

/// A logarithmic axis of tokens, from a power of two below the shortest bar to above the highest.
[[nodiscard]] SceneAxis tokens_axis(const GroupedBars& bars, const QString& title);
/// An axis of bytes with room for `capacity`; logarithmic where one bar would dwarf the others.
[[nodiscard]] SceneAxis bytes_axis(const GroupedBars& bars, const QString& title, double capacity);

/// The picture without a readout. A bar that is none has no height.
[[nodiscard]] Scene grouped_scene(const GroupedBars& bars, SceneAxis y);

}  // namespace headroom::gui
