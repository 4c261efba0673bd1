#include <algorithm>

#include <fmt/format.h>

#include <headroom/models/format.h>

#include "commands/diff.h"
#include "honesty.h"
#include "labelled.h"
#include "table.h"
#include "text.h"
#include "wording.h"

namespace headroom::cli {
namespace {

constexpr std::size_t kLongestTerm = 24;
constexpr std::size_t kRemarkIndent = 13;

std::string signed_text(Bytes bytes) { return (bytes > Bytes() ? "+" : "") + format_bytes(bytes); }

std::string job_text(const Prediction& prediction) {
  const Job& job = prediction.job;
  return fmt::format("{} at {} with {}: {}", subject_text(job), tokens_text(job.seq), method_text(job),
                     prediction.fits() ? "fits" : "does not fit");
}

std::string settings_text(const DiffResult& result) {
  std::string text;
  for (const ChangedSetting& setting : result.settings) {
    text += fmt::format("{}{} {} -> {}", text.empty() ? "" : ", ", setting.name, name_text(setting.first),
                        name_text(setting.second));
  }
  return text.empty() ? "no setting" : text;
}

std::string peaks_text(const DiffResult& result) {
  const std::string first = moment_text(result.difference.first.moment);
  const std::string second = moment_text(result.difference.second.moment);
  return first == second ? first : fmt::format("{}; the second at {}", first, second);
}

/// "b·s·h, 32 × 8,192 × 4,096 bf16"; of several shapes the largest, and how many more.
std::string shape_text(const sim::Held& held) {
  if (held.tensors.empty()) return held.total == Bytes() ? "none" : "no tensor";
  const sim::LiveTensor& tensor = held.tensors.front();
  std::string sizes;
  for (const std::int64_t size : tensor.shape) sizes += (sizes.empty() ? "" : " × ") + format_grouped(size);
  const std::string more = held.tensors.size() > 1 ? fmt::format(" and {} more", held.tensors.size() - 1) : "";
  return fmt::format("{}, {} {}{}", tensor.formula, sizes, name_of(tensor.dtype), more);
}

std::string remark_text(const sim::TermDifference& term) {
  const std::string first = shape_text(term.first);
  const std::string second = shape_text(term.second);
  const std::string shapes = first == second ? first : fmt::format("{} -> {}", first, second);
  return fmt::format("{}: {}", category_text(term.category), shapes);
}

std::string count_text(const sim::Held& held) { return held.tensors.empty() ? "" : format_grouped(held.count()); }

std::string bytes_text(const sim::Held& held) { return held.total == Bytes() ? "-" : format_bytes(held.total); }

void add_total(Table& table, const std::string& name, Bytes first, Bytes second) {
  table.add({{signed_text(second - first), Tone::bold},
             {name, Tone::bold},
             "",
             format_bytes(first),
             "",
             format_bytes(second)});
}

void add_terms(Table& table, const sim::Difference& difference, sim::Memory memory) {
  for (const sim::TermDifference& term : difference.terms) {
    if (term.memory != memory || term.difference() == Bytes()) continue;
    table.add({signed_text(term.difference()), clip(term.name, kLongestTerm), count_text(term.first),
               bytes_text(term.first), count_text(term.second), bytes_text(term.second)});
    table.remark(remark_text(term), kRemarkIndent);
  }
}

Table empty_table() {
  return Table({{"difference", Align::right},
                {"tensor"},
                {"first:\ncount", Align::right},
                {"\nbytes", Align::right},
                {"second:\ncount", Align::right},
                {"\nbytes", Align::right}});
}

std::string device_table(const sim::Difference& difference, const Style& style) {
  Table table = empty_table();
  add_terms(table, difference, sim::Memory::device);
  table.rule();
  add_total(table, "allocated", difference.first.allocated, difference.second.allocated);
  add_total(table, "device", difference.first.device, difference.second.device);
  return table.text(style);
}

std::string host_table(const sim::Difference& difference, const Style& style) {
  const Bytes first = difference.first.host.allocated;
  const Bytes second = difference.second.host.allocated;
  if (first == Bytes() && second == Bytes()) return {};
  Table table = empty_table();
  add_terms(table, difference, sim::Memory::host);
  table.rule();
  add_total(table, "host, a rank", first, second);
  return "\nOn the host\n" + table.text(style);
}

/// What is alike is counted, not listed.
std::string equal_text(const sim::Difference& difference) {
  std::int64_t terms = 0;
  Bytes bytes;
  for (const sim::TermDifference& term : difference.terms) {
    if (term.difference() != Bytes()) continue;
    ++terms;
    bytes += term.first.total;
  }
  return fmt::format("{} {}, {}", terms, terms == 1 ? "term" : "terms", format_bytes(bytes));
}

}  // namespace

std::string to_text(const DiffResult& result, const Style& style) {
  return labelled("First", job_text(result.first), style, Tone::bold) +
         labelled("Second", job_text(result.second), style, Tone::bold) +
         labelled("Differ in", settings_text(result), style) + labelled("Peak at", peaks_text(result), style) + "\n" +
         device_table(result.difference, style) + host_table(result.difference, style) + "\n" +
         labelled("Equal", equal_text(result.difference), style) + "\n" +
         honesty_text(result.first.job, result.second.job, style);
}

}  // namespace headroom::cli
