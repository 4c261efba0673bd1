#include <headroom/models/format.h>

#include "commands/timeline.h"
#include "csv.h"
#include "data_parts.h"

namespace headroom::cli {

std::string TimelineCsv::begin() {
  return csv_record({"event", "memory", "instant", "layer", "pipeline_stage", "change", "tensor", "category", "dtype",
                     "formula", "bytes", "category_live_bytes", "live_bytes"});
}

std::string TimelineCsv::lines(const LiveBytes& live) {
  const sim::TimelineEvent& event = live.what;
  const sim::Moment& moment = event.moment;
  return csv_record({format_count(live.event), std::string(name_of(live.memory)), std::string(name_of(moment.instant)),
                     layer_field(moment), stage_field(moment), event.born ? "born" : "dies", std::string(event.name),
                     std::string(name_of(event.category)), std::string(name_of(event.dtype)), formula_of(event),
                     format_count(event.bytes.count()), format_count(live.of_category.count()),
                     format_count(event.live.count())});
}

}  // namespace headroom::cli
