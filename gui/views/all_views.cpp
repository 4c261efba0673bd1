#include "views/all_views.h"

#include "views/breakdown_view.h"
#include "views/comparison_view.h"
#include "views/curves_view.h"
#include "views/records_view.h"
#include "views/scaling_view.h"
#include "views/sweep_view.h"
#include "views/timeline_view.h"

namespace headroom::gui {

std::vector<View*> make_views(JobState& state) {
  return {new BreakdownView(state), new CurvesView(state),  new TimelineView(state),  new SweepView(state),
          new ScalingView(state),   new RecordsView(state), new ComparisonView(state)};
}

}  // namespace headroom::gui
