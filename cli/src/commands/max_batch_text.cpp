#include <fmt/format.h>

#include <headroom/models/format.h>

#include "commands/max_batch.h"
#include "honesty.h"
#include "labelled.h"
#include "memory_table.h"
#include "table.h"
#include "text.h"
#include "wording.h"

namespace headroom::cli {
namespace {

std::string batch_text(std::int64_t batch) {
  if (batch == 0) return "nothing fits";
  return batch < sim::kLargestBatch ? format_grouped(batch) : "no limit";
}

std::string sequences_text(std::int64_t batch) {
  return fmt::format("{} {}", format_grouped(batch), batch == 1 ? "sequence" : "sequences");
}

/// "on each of 4 data ranks"; nothing for one.
std::string ranks_text(const Job& job) {
  return job.degrees.data > 1 ? fmt::format(" on each of {} data ranks", format_grouped(job.degrees.data)) : "";
}

std::string binding_text(const sim::MaxBatch& largest) {
  return largest.host && largest.host->binds ? "host memory" : category_text(largest.breakdown.binding);
}

/// Two rows: the batch, what binds, and how far the next wall is; below each when, and what stands there.
void add_method(Table& table, const Prediction& prediction) {
  const sim::MaxBatch& largest = *prediction.largest;
  table.add({{prediction.job.method.name, Tone::bold},
             {batch_text(largest.batch), Tone::bold},
             {binding_text(largest), Tone::accent},
             batch_text(largest.next_wall.batch)});
  table.add({"",
             "",
             {instant_text(largest.breakdown.moment.instant), Tone::dim},
             {category_text(largest.next_wall.binding), Tone::dim}});
}

Honesty honesty_of(const MaxBatchResult& result) {
  Honesty honesty;
  for (const Prediction& prediction : result.predictions) honesty.jobs.push_back(prediction.job);
  return honesty;
}

/// The settings that methods share, without the batch, which is the answer.
std::string shared_settings(const MaxBatchResult& result) {
  const std::string batch = fmt::format(", batch {}", result.predictions.front().job.batch);
  std::string text = common_settings_text(result.predictions);
  const std::size_t at = text.find(batch);
  return at == std::string::npos ? text : text.erase(at, batch.size());
}

std::string list_text(const MaxBatchResult& result, const Style& style) {
  const Job& job = result.predictions.front().job;
  std::string text = heading(fmt::format("The largest batch of {} at {}", subject_text(job), tokens_text(job.seq)),
                             shared_settings(result), style);
  Table table({{"method"}, {"max batch", Align::right}, {"binding, and when"}, {"next wall"}});
  std::string refused;
  for (const Prediction& prediction : result.predictions) {
    if (prediction.largest) {
      add_method(table, prediction);
    } else {
      refused += wrap(prediction.job.method.name + ": " + prediction.refused) + "\n";
    }
  }
  text += table.text(style) + "\n";
  if (!refused.empty()) text += refused + "\n";
  return text + short_honesty_text(honesty_of(result), style);
}

std::string outlook_text(const sim::MaxBatch& largest, const Style& style) {
  if (largest.batch >= sim::kLargestBatch) return {};
  const sim::BatchWall& wall = largest.next_wall;
  const bool of_host = largest.host && largest.host->binds;
  const std::string where = fmt::format("{} at {}", category_text(wall.binding), moment_text(wall.moment));
  const bool is_limited = wall.batch < sim::kLargestBatch;
  return labelled("Next batch",
                  fmt::format("{}: {} too much{}", sequences_text(largest.batch + 1), format_bytes(largest.shortfall),
                              of_host ? " for the host memory, which binds" : ""),
                  style) +
         labelled("Next wall", is_limited ? fmt::format("{}: {}", sequences_text(wall.batch), where) : "no limit",
                  style);
}

std::string single_text(const MaxBatchResult& result, const Style& style) {
  const Prediction& prediction = result.predictions.front();
  const Job& job = prediction.job;
  const sim::MaxBatch& largest = *prediction.largest;
  const std::string title = fmt::format("{} {} {} of {} at a time{} with {}", subject_text(job),
                                        job.mode == Mode::training ? "trains" : "holds", sequences_text(largest.batch),
                                        tokens_text(job.seq), ranks_text(job), method_text(job));
  return heading(title, settings_text(job), style) + peak_line(largest.breakdown, job.device) +
         memory_table(largest.breakdown, job.device, style) + "\n" + memory_lines(job, largest.breakdown, style) +
         outlook_text(largest, style) + "\n" + honesty_text(honesty_of(result), style);
}

}  // namespace

std::string to_text(const MaxBatchResult& result, const Style& style) {
  if (!result.nothing_fits.empty()) return wrap(result.nothing_fits) + "\n";
  return result.is_list ? list_text(result, style) : single_text(result, style);
}

}  // namespace headroom::cli
