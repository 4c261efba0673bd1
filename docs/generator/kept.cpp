#include "kept.h"

#include <vector>

#include <fmt/format.h>

#include <headroom/sim/predictor.h>

#include "example.h"
#include "lifetimes.h"
#include "tables.h"

namespace headroom::docs {
namespace {

/// Bytes of tensors, sorted into the paper's terms.
struct Terms {
  std::int64_t sbh = 0;
  std::int64_t as2b = 0;
  std::int64_t sb = 0;

  Terms& operator+=(const Terms& other) {
    sbh += other.sbh;
    as2b += other.as2b;
    sb += other.sb;
    return *this;
  }
};

Terms terms_of(const sim::LiveTensor& tensor, const Job& job) {
  const std::int64_t bytes = tensor.total.count();
  const std::int64_t sb = job.seq.count() * job.batch;
  const std::int64_t sbh = sb * job.model.hidden;
  if (tensor.formula.find("s·s") != std::string::npos) {
    return {0, bytes / (sb * job.seq.count() * job.model.kinds.front().heads), 0};
  }
  return bytes % sbh == 0 ? Terms{bytes / sbh, 0, 0} : Terms{0, 0, bytes / sb};
}

/// "as²b", "2sbh"
std::string multiple(std::int64_t n, const std::string& unit) { return n == 1 ? unit : fmt::format("{}{}", n, unit); }

std::string in_words(const Terms& terms, const std::string& sbh) {
  std::vector<std::string> parts;
  if (terms.sbh != 0) parts.push_back(multiple(terms.sbh, sbh));
  if (terms.as2b != 0) parts.push_back(multiple(terms.as2b, "as²b"));
  if (terms.sb != 0) parts.push_back(fmt::format("{}sb", terms.sb));
  return fmt::format("{}", fmt::join(parts, " + "));
}

std::string counted(const sim::LiveTensor& tensor) {
  return tensor.count == 1 ? tensor.name : fmt::format("{} ({})", tensor.name, tensor.count);
}

/// A row a kept tensor; `sbh` is the unit in which `unit_bytes` bytes an element of sbh count one.
std::string kept_table(Job job, const std::string& sbh, std::int64_t unit_bytes) {
  job.recompute = {RecomputeKind::none, 1};
  MarkdownTable table({"tensor", "shape", "type", "kept", "source"});
  Terms sum;
  for (const sim::LiveTensor& tensor : sim::Predictor(job).saved_by_layer(job.seq)) {
    Terms terms = terms_of(tensor, job);
    terms.sbh /= unit_bytes;
    sum += terms;
    table.row(
        {counted(tensor), tensor.formula, std::string(type_name(tensor.dtype)), in_words(terms, sbh), tensor.source});
  }
  table.row({"**sum**", "", "", in_words(sum, sbh), ""});
  return table.text();
}

}  // namespace

std::string korthikanti_table() {
  Job job = gpt_example("vanilla");
  job.dropout = true;
  return kept_table(job, "sbh", 1);
}

std::string flash_elements_table() { return kept_table(gpt_example("flash"), "bsh elements", 2); }

}  // namespace headroom::docs
