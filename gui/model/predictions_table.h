#pragma once

#include "model/list_table.h"
#include "model/prediction.h"

namespace headroom::gui {

/// The methods of a job: how far each gets, what it needs at the job's length, and what binds.
class PredictionsTable : public ListTable<Prediction> {
 public:
  explicit PredictionsTable(QObject* parent = nullptr);
};

}  // namespace headroom::gui
