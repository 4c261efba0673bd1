#include "model/comparison.h"

#include <headroom/models/job_field.h>

#include "model/colours.h"
#include "model/column.h"
#include "model/text.h"

namespace headroom::gui {
namespace {

void add_setting(std::vector<ComparedSetting>& settings, const QString& name, const QString& first,
                 const QString& second) {
  if (first != second) settings.push_back({name, first, second});
}

std::vector<ComparedSetting> settings_of(const Job& first, const Job& second) {
  std::vector<ComparedSetting> settings;
  add_setting(settings, QObject::tr("Model"), name_text(first.model.name), name_text(second.model.name));
  add_setting(settings, QObject::tr("Hardware"), name_text(first.device.name), name_text(second.device.name));
  if (first.device.name == second.device.name) {
    add_setting(settings, QObject::tr("Capacity"), bytes_text(first.device.capacity.bytes),
                bytes_text(second.device.capacity.bytes));
  }
  add_setting(settings, QObject::tr("Method"), method_text(first.method), method_text(second.method));
  add_setting(settings, QObject::tr("Tokens"), tokens_text(first.seq), tokens_text(second.seq));
  for (const JobField& field : job_fields()) {
    if (!field.applies(first) && !field.applies(second)) continue;
    add_setting(settings, to_qt(field.title), to_qt(field.show(first)), to_qt(field.show(second)));
  }
  return settings;
}

QString term_text(const sim::TermDifference& term) {
  return term.memory == sim::Memory::host ? QObject::tr("%1, on the host").arg(to_qt(term.name)) : to_qt(term.name);
}

/// Of every shape; empty for what is no tensor.
QString formula_text(const sim::Held& held) {
  QStringList formulas;
  for (const sim::LiveTensor& tensor : held.tensors) formulas << to_qt(tensor.formula);
  return formulas.join(QStringLiteral("; "));
}

std::vector<TableColumn<sim::TermDifference>> columns() {
  using Row = sim::TermDifference;
  return {with_colour(text_column<Row>(QObject::tr("Term"), term_text),
                      [](const Row& row) { return category_colour(row.category); }),
          difference_column<Row>(QObject::tr("Difference"), [](const Row& row) { return row.difference(); }),
          bytes_column<Row>(QObject::tr("Kept job"), [](const Row& row) { return row.first.total; }),
          bytes_column<Row>(QObject::tr("This job"), [](const Row& row) { return row.second.total; }),
          text_column<Row>(QObject::tr("Held by"), holder_text),
          text_column<Row>(QObject::tr("Category"), [](const Row& row) { return category_text(row.category); }),
          text_column<Row>(QObject::tr("Formula, kept"), [](const Row& row) { return formula_text(row.first); }),
          text_column<Row>(QObject::tr("Formula, this"), [](const Row& row) { return formula_text(row.second); })};
}

}  // namespace

Comparison compare_jobs(const Job& first, const Job& second) {
  Comparison comparison{predict(first), predict(second), {}, settings_of(first, second)};
  const bool are_predicted = comparison.first.breakdown && comparison.second.breakdown;
  if (are_predicted) comparison.difference = sim::difference(sim::Predictor(first), sim::Predictor(second));
  return comparison;
}

std::vector<sim::TermDifference> terms_of(const Comparison& comparison) {
  return comparison.difference ? comparison.difference->terms : std::vector<sim::TermDifference>();
}

QString holder_text(const sim::TermDifference& term) {
  if (term.first.total == Bytes()) return QObject::tr("this job alone");
  if (term.second.total == Bytes()) return QObject::tr("the kept job alone");
  return term.difference() == Bytes() ? QObject::tr("both, the same") : QObject::tr("both");
}

CsvTable comparison_csv(const Comparison& comparison) {
  CsvTable table;
  table.header = {"term",       "memory",           "category",     "kept_bytes",
                  "this_bytes", "difference_bytes", "kept_formula", "this_formula"};
  for (const sim::TermDifference& term : terms_of(comparison)) {
    table.rows.push_back({to_qt(term.name), to_qt(name_of(term.memory)), to_qt(name_of(term.category)),
                          QString::number(term.first.total.count()), QString::number(term.second.total.count()),
                          QString::number(term.difference().count()), formula_text(term.first),
                          formula_text(term.second)});
  }
  return table;
}

ComparisonTable::ComparisonTable(QObject* parent) : ListTable(columns(), parent) {}

}  // namespace headroom::gui
