#include "commands/measure_plan.h"

#include <fmt/format.h>

#include <headroom/models/format.h>

#include "csv.h"
#include "data_parts.h"
#include "text.h"
#include "wording.h"

namespace headroom::cli {
namespace {

std::string bytes_text(Bytes bytes) {
  return fmt::format("{} ({} bytes)", format_bytes(bytes), format_grouped(bytes.count()));
}

nlohmann::ordered_json bytes_or_null(const std::optional<Bytes>& bytes) {
  return bytes ? nlohmann::ordered_json(bytes->count()) : nlohmann::ordered_json(nullptr);
}

std::optional<Bytes> free_bytes(const MeasurePlan& plan) {
  return plan.room ? std::optional(plan.room->free) : std::nullopt;
}

}  // namespace

MeasurePlan plan_of(const MeasureRequest& request) {
  MeasurePlan plan;
  plan.job = request.job;
  plan.backend = request.backend;
  plan.limit = request.limit;
  plan.predicted = sim::Predictor(request.job).breakdown(request.job.seq);
  if (request.backend != Backend::cuda) return plan;
  const auto asked = device_room(request.device);
  if (const auto* room = std::get_if<DeviceRoom>(&asked)) {
    plan.room = *room;
  } else {
    plan.room_code = std::get<int>(asked);
  }
  return plan;
}

std::string refusal_text(const MeasurePlan& plan) {
  if (!plan.is_within_limit()) {
    return fmt::format("not started: {} of tensors are predicted at the peak, and the limit is {}",
                       bytes_text(plan.predicted.allocated), bytes_text(*plan.limit));
  }
  if (!plan.has_room()) {
    return fmt::format(
        "not started: {} of tensors, workspace and allocator slack are predicted at the peak, and {} has {} "
        "free",
        bytes_text(plan.needed()), name_text(plan.room->name), bytes_text(plan.room->free));
  }
  return {};
}

std::string to_text(const MeasurePlan& plan, const Style& style) {
  const std::string title =
      fmt::format("Would measure {} at {} with {} on the {} backend", name_text(plan.job.model.name),
                  tokens_text(plan.job.seq), method_text(plan.job), name_of(plan.backend));
  std::string text = style.paint(wrap(title), Tone::bold) + "\n" + wrap(settings_text(plan.job)) + "\n" +
                     wrap(fmt::format("Predicted: {} of tensors at {}.", bytes_text(plan.predicted.allocated),
                                      moment_text(plan.predicted.moment))) +
                     "\n";
  if (plan.room) {
    text += wrap(fmt::format("{} has {} free of {}.", name_text(plan.room->name), bytes_text(plan.room->free),
                             bytes_text(plan.room->total))) +
            "\n";
  }
  if (const std::string refusal = refusal_text(plan); !refusal.empty()) text += wrap(refusal) + "\n";
  return text;
}

nlohmann::ordered_json to_json(const MeasurePlan& plan) {
  return {{"schema", "headroom/measure-plan/1"},
          {"backend", name_of(plan.backend)},
          {"job", job_json(plan.job)},
          {"predicted", breakdown_json(plan.predicted)},
          {"limit_bytes", bytes_or_null(plan.limit)},
          {"free_bytes", bytes_or_null(free_bytes(plan))},
          {"fits", exit_code(plan) == kFits},
          {"notes", plan.notes}};
}

std::string to_csv(const MeasurePlan& plan) {
  const std::optional<Bytes> free = free_bytes(plan);
  return csv_record({"backend", "method", "seq_tokens", "allocated_bytes", "needed_bytes", "free_bytes"}) +
         csv_record({std::string(name_of(plan.backend)), plan.job.method.name, format_count(plan.job.seq.count()),
                     format_count(plan.predicted.allocated.count()), format_count(plan.needed().count()),
                     free ? format_count(free->count()) : ""});
}

int exit_code(const MeasurePlan& plan) {
  if (plan.room_code != kFits) return plan.room_code;
  return plan.is_within_limit() && plan.has_room() ? kFits : kDoesNotFit;
}

}  // namespace headroom::cli
