#pragma once

#include <headroom/sim/predictor.h>

#include "model/list_table.h"

namespace headroom::gui {

/// Live tensors: name, shape, type, bytes, formula, source.
class TensorsTable : public ListTable<sim::LiveTensor> {
 public:
  explicit TensorsTable(QObject* parent = nullptr);
};

/// "4 x 2 x 1,024"
[[nodiscard]] QString shape_text(const std::vector<std::int64_t>& shape);

}  // namespace headroom::gui
