#include <fmt/format.h>

#include <headroom/models/format.h>

#include "commands/explain.h"
#include "honesty.h"
#include "labelled.h"
#include "memory_table.h"
#include "table.h"
#include "text.h"
#include "wording.h"

namespace headroom::cli {
namespace {

constexpr std::size_t kLongestTensor = 28;
constexpr std::size_t kRemarkIndent = 4;

std::string shape_text(const sim::LiveTensor& tensor) {
  std::string text;
  for (const std::int64_t size : tensor.shape) text += (text.empty() ? "" : " × ") + format_grouped(size);
  return text;
}

void add_tensor(Table& table, const sim::LiveTensor& tensor, bool with_source) {
  table.add({"  " + clip(tensor.name, kLongestTensor), tensor.formula, std::string(name_of(tensor.dtype)),
             format_grouped(tensor.count), format_bytes(tensor.each), format_bytes(tensor.total)});
  if (with_source) table.remark(fmt::format("{}; {}", shape_text(tensor), tensor.source), kRemarkIndent);
}

/// A category's total, and its tensors below.
void add_category(Table& table, const ExplainResult& result, Category category) {
  Bytes total;
  for (const sim::LiveTensor& tensor : result.explanation.tensors) {
    if (tensor.category == category) total += tensor.total;
  }
  if (total == Bytes(0)) return;
  const Tone tone = category == result.prediction.breakdown.binding ? Tone::accent : Tone::bold;
  table.add({{category_text(category), tone}, "", "", "", "", {format_bytes(total), tone}});
  for (const sim::LiveTensor& tensor : result.explanation.tensors) {
    if (tensor.category == category) add_tensor(table, tensor, result.with_sources);
  }
}

/// The peak, and what the device holds beside tensors.
void add_totals(Table& table, const ExplainResult& result) {
  const sim::Breakdown& breakdown = result.prediction.breakdown;
  const auto add = [&table](const std::string& name, Bytes bytes, Tone tone) {
    table.add({{name, tone}, "", "", "", "", {format_bytes(bytes), tone}});
  };
  add("allocated", result.explanation.peak.allocated, Tone::bold);
  if (is_budget(result.prediction.job.device)) return;
  for (const auto& named : values_of<Category>()) {
    const bool is_overhead = named.value >= Category::workspace && breakdown.categories[named.value] > Bytes(0);
    if (is_overhead) add(category_text(named.value), breakdown.categories[named.value], Tone::plain);
  }
  add("device", breakdown.device, Tone::bold);
}

}  // namespace

std::string to_text(const ExplainResult& result, const Style& style) {
  const Job& job = result.prediction.job;
  const std::string verdict = result.prediction.fits() ? "fits" : "does not fit";
  Table table(
      {{"tensor"}, {"formula"}, {"type"}, {"count", Align::right}, {"each", Align::right}, {"total", Align::right}});
  for (const auto& category : values_of<Category>()) add_category(table, result, category.value);
  table.rule();
  add_totals(table, result);
  return heading(fmt::format("{} at {} with {}: {}", subject_text(job), tokens_text(result.explanation.seq),
                             method_text(job), verdict),
                 settings_text(job), style) +
         peak_line(result.prediction.breakdown, job.device) + table.text(style) + "\n" + honesty_text({{job}}, style);
}

}  // namespace headroom::cli
