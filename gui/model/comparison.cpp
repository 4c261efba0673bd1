#include "model/comparison.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include <headroom/models/job_field.h>

#include "model/breakdown_scene.h"
#include "model/colours.h"
#include "model/column.h"
#include "model/text.h"

namespace headroom::gui {
namespace {

using Terms = std::map<std::tuple<Memory, Category, QString>, ComparedTerm>;

/// One of the two jobs that terms are of.
struct Side {
  Bytes ComparedTerm::*bytes;
  QString ComparedTerm::*formula;
};

void add_tensors(Terms& terms, const std::vector<sim::LiveTensor>& tensors, Memory memory, const Side& side) {
  for (const sim::LiveTensor& tensor : tensors) {
    ComparedTerm& term = terms[{memory, tensor.category, to_qt(tensor.name)}];
    term.name = to_qt(tensor.name);
    term.memory = memory;
    term.category = tensor.category;
    term.*side.bytes += tensor.total;
    QString& formula = term.*side.formula;
    if (!formula.isEmpty()) formula += QStringLiteral("; ");
    formula += to_qt(tensor.formula);
  }
}

/// What the device spends outside tensors has no name but its category's.
void add_overheads(Terms& terms, const sim::Breakdown& breakdown, const Side& side) {
  for (const Category category : {Category::context, Category::workspace, Category::allocator_slack}) {
    const Bytes bytes = breakdown.categories[category];
    if (bytes == Bytes()) continue;
    ComparedTerm& term = terms[{Memory::device, category, category_text(category)}];
    term.name = category_text(category);
    term.category = category;
    term.*side.bytes += bytes;
  }
}

/// Adds what a job holds at its peaks to one side of the terms.
void add_job(Terms& terms, const Prediction& prediction, const Side& side) {
  if (!prediction.breakdown) return;
  const sim::Predictor predictor(prediction.job);
  add_tensors(terms, predictor.explain(prediction.job.seq).tensors, Memory::device, side);
  add_tensors(terms, predictor.explain_host(prediction.job.seq).tensors, Memory::host, side);
  add_overheads(terms, *prediction.breakdown, side);
}

Bytes magnitude(Bytes bytes) { return bytes < Bytes() ? Bytes() - bytes : bytes; }

std::vector<ComparedTerm> terms_of(const Prediction& first, const Prediction& second) {
  Terms terms;
  add_job(terms, first, {&ComparedTerm::first, &ComparedTerm::first_formula});
  add_job(terms, second, {&ComparedTerm::second, &ComparedTerm::second_formula});
  std::vector<ComparedTerm> list;
  for (auto& [key, term] : terms) list.push_back(std::move(term));
  std::stable_sort(list.begin(), list.end(), [](const ComparedTerm& a, const ComparedTerm& b) {
    return magnitude(a.difference()) > magnitude(b.difference());
  });
  return list;
}

void add_setting(std::vector<ComparedSetting>& settings, const QString& name, const QString& first,
                 const QString& second) {
  if (first != second) settings.push_back({name, first, second});
}

std::vector<ComparedSetting> settings_of(const Job& first, const Job& second) {
  std::vector<ComparedSetting> settings;
  add_setting(settings, QObject::tr("Model"), name_text(first.model.name), name_text(second.model.name));
  add_setting(settings, QObject::tr("Hardware"), name_text(first.device.name), name_text(second.device.name));
  add_setting(settings, QObject::tr("Method"), method_text(first.method), method_text(second.method));
  add_setting(settings, QObject::tr("Tokens"), tokens_text(first.seq), tokens_text(second.seq));
  for (const JobField& field : job_fields()) {
    if (!field.applies(first) && !field.applies(second)) continue;
    add_setting(settings, to_qt(field.title), to_qt(field.show(first)), to_qt(field.show(second)));
  }
  return settings;
}

QString term_text(const ComparedTerm& term) {
  return term.memory == Memory::host ? QObject::tr("%1, on the host").arg(term.name) : term.name;
}

std::vector<TableColumn<ComparedTerm>> columns() {
  using Row = ComparedTerm;
  return {with_colour(text_column<Row>(QObject::tr("Term"), term_text),
                      [](const Row& row) { return category_colour(row.category); }),
          bytes_column<Row>(QObject::tr("Kept job"), [](const Row& row) { return row.first; }),
          bytes_column<Row>(QObject::tr("This job"), [](const Row& row) { return row.second; }),
          difference_column<Row>(QObject::tr("Difference"), [](const Row& row) { return row.difference(); }),
          text_column<Row>(QObject::tr("Held by"), holder_text),
          text_column<Row>(QObject::tr("Category"), [](const Row& row) { return category_text(row.category); }),
          text_column<Row>(QObject::tr("Formula, kept"), [](const Row& row) { return row.first_formula; }),
          text_column<Row>(QObject::tr("Formula, this"), [](const Row& row) { return row.second_formula; })};
}

}  // namespace

Comparison compare_jobs(const Job& first, const Job& second) {
  Comparison comparison{predict(first), predict(second), {}, settings_of(first, second)};
  comparison.terms = terms_of(comparison.first, comparison.second);
  return comparison;
}

QString holder_text(const ComparedTerm& term) {
  if (term.first == Bytes()) return QObject::tr("this job alone");
  if (term.second == Bytes()) return QObject::tr("the kept job alone");
  return term.first == term.second ? QObject::tr("both, the same") : QObject::tr("both");
}

Scene comparison_scene(const Comparison& comparison) {
  const Bytes capacity =
      std::max(comparison.first.job.device.capacity.bytes, comparison.second.job.device.capacity.bytes);
  const bool is_one_device = comparison.first.job.device.capacity.bytes == comparison.second.job.device.capacity.bytes;
  std::vector<Stack> stacks;
  add_stacks(stacks, QObject::tr("kept job"), comparison.first, 0);
  add_stacks(stacks, QObject::tr("this job"), comparison.second, 1);
  return stacks_scene(stacks, is_one_device ? capacity : Bytes());
}

CsvTable comparison_csv(const Comparison& comparison) {
  CsvTable table;
  table.header = {"term",       "memory",           "category",     "kept_bytes",
                  "this_bytes", "difference_bytes", "kept_formula", "this_formula"};
  for (const ComparedTerm& term : comparison.terms) {
    const QString memory = term.memory == Memory::host ? QStringLiteral("host") : QStringLiteral("device");
    table.rows.push_back({term.name, memory, to_qt(name_of(term.category)), QString::number(term.first.count()),
                          QString::number(term.second.count()), QString::number(term.difference().count()),
                          term.first_formula, term.second_formula});
  }
  return table;
}

ComparisonTable::ComparisonTable(QObject* parent) : ListTable(columns(), parent) {}

}  // namespace headroom::gui
