#include "model/sweep.h"
#include "model/text.h"

namespace headroom::gui {
namespace {

QString number_text(Bytes bytes) { return QString::number(bytes.count()); }

QString bool_text(bool is_so) { return is_so ? QStringLiteral("true") : QStringLiteral("false"); }

bool is_length(const SweptAxis& axis) { return axis.name == "seq"; }

QStringList figures_of(const sim::SweepAnswer& answer) {
  const sim::Moment& moment = answer.moment;
  return {number_text(answer.allocated),
          number_text(answer.device),
          number_text(answer.capacity),
          number_text(answer.host),
          to_qt(name_of(moment.instant)),
          sim::has_layer(moment.instant) ? QString::number(moment.layer) : QString(),
          moment.stage != sim::Moment::kNoStage ? QString::number(moment.stage) : QString(),
          to_qt(name_of(answer.binding))};
}

QStringList header_of(const Sweep& sweep) {
  const bool is_longest = sweep.asked == Asked::longest_context;
  QStringList header;
  for (const SweptAxis& axis : sweep.axes) {
    if (!is_length(axis)) header << to_qt(axis.name);
  }
  header << (is_longest ? QStringLiteral("max_context_tokens") : QStringLiteral("seq_tokens"))
         << QStringList{"refused",    "fits",    "allocated_bytes", "device_bytes",   "capacity_bytes",
                        "host_bytes", "instant", "layer",           "pipeline_stage", "binding"};
  if (is_longest) header << QStringLiteral("host_binds");
  return header;
}

QStringList row_of(const Sweep& sweep, std::size_t number) {
  const sim::SweepAnswer& answer = sweep.answers[number];
  const bool is_longest = sweep.asked == Asked::longest_context;
  const bool is_answered = answer.refused.empty();
  const std::vector<std::size_t> values = sweep.values_of(number);
  QStringList row;
  for (std::size_t i = 0; i < sweep.axes.size(); ++i) {
    if (!is_length(sweep.axes[i])) row << sweep.axes[i].values[values[i]];
  }
  row << (is_answered || !is_longest ? QString::number(answer.seq.count()) : QString()) << to_qt(answer.refused)
      << bool_text(answer.fits);
  if (is_answered) row += figures_of(answer);
  if (is_answered && is_longest) row << bool_text(answer.host_binds);
  return row;
}

}  // namespace

CsvTable sweep_csv(const Sweep& sweep) {
  CsvTable table;
  if (!sweep.refused.isEmpty()) return table;
  table.header = header_of(sweep);
  for (std::size_t i = 0; i < sweep.answers.size(); ++i) {
    table.rows.push_back(row_of(sweep, i));
    table.rows.back().resize(table.header.size());
  }
  return table;
}

}  // namespace headroom::gui
