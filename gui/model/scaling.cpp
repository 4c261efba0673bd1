#include "model/scaling.h"

#include <algorithm>

#include <headroom/models/checked.h>
#include <headroom/models/error.h>
#include <headroom/models/presets.h>

#include "model/answer.h"
#include "model/host_memory.h"
#include "model/prediction.h"
#include "model/text.h"

namespace headroom::gui {
namespace {

/// The job by the methods asked for; its own method, where no preset has its name, behind them.
std::vector<Job> jobs_of(const ScalingRequest& request) {
  std::vector<Job> jobs;
  for (const std::string& name : request.methods) {
    jobs.push_back(request.job);
    if (name != request.job.method.name) jobs.back().method = method_preset(name).method;
  }
  if (request.job.method.name.empty()) jobs.push_back(request.job);
  return jobs;
}

ScalingCell cell_for(Job job, std::int64_t devices, const ScalingRequest& request) {
  if (request.sharding) job.method.sharding = *request.sharding;
  job.nodes = ceil_div(devices, request.devices_per_node);
  ScalingCell cell{std::move(job), 1, {}, {}};
  try {
    Arranged found = arranged(cell.job, devices);
    cell.job = std::move(found.job);
    cell.ways = found.ways;
    cell.longest = sim::max_context(sim::Predictor(cell.job), sim::Grid{});
  } catch (const InputError& error) {
    cell.refused = capitalised(to_qt(error.what()));
  }
  return cell;
}

QString arrangement_text(const ScalingCell& cell) {
  const QString degrees = to_qt(format_degrees(cell.job));
  if (cell.ways == 1) return degrees;
  const QString text = cell.fits() ? QObject::tr("%1, the furthest of %2 arrangements")
                                   : QObject::tr("%1, and so in all %2 arrangements");
  return text.arg(degrees).arg(cell.ways);
}

QString node_line(const ScalingCell& cell, const NodeMemory& node) {
  return QObject::tr("host memory %1, %2 %3")
      .arg(node_text(node), to_qt(format_grouped(cell.job.nodes)),
           cell.job.nodes == 1 ? QObject::tr("node") : QObject::tr("nodes"));
}

QString status_name(const ScalingCell& cell) {
  if (!cell.refused.isEmpty()) return QStringLiteral("refused");
  return cell.fits() ? QStringLiteral("fits") : QStringLiteral("nothing-fits");
}

QStringList answer_fields(const ScalingCell& cell) {
  if (!cell.longest) return {};
  const std::optional<NodeMemory> node = node_memory(cell.job, cell.longest->breakdown.host);
  const bool by_host = cell.longest->host && cell.longest->host->binds;
  return {QString::number(cell.longest->tokens.count()),
          by_host ? QStringLiteral("host-memory") : to_qt(name_of(cell.longest->breakdown.binding)),
          QString::number(cell.longest->breakdown.device.count()),
          node ? QString::number(node->needed.count()) : QStringLiteral("0")};
}

}  // namespace

std::vector<std::int64_t> device_counts(std::int64_t most) {
  std::vector<std::int64_t> counts;
  for (std::int64_t count = 1; count < most; count *= 2) counts.push_back(count);
  counts.push_back(most);
  return counts;
}

std::optional<Scaling> find_scaling(const ScalingRequest& request, const Progress& progress) {
  Scaling result;
  const std::vector<Job> jobs = jobs_of(request);
  const std::vector<std::int64_t> counts = device_counts(request.most_devices);
  const auto all = static_cast<double>(jobs.size() * counts.size());
  double done = 0;
  for (const Job& job : jobs) result.methods.push_back(method_text(job.method));
  for (const std::int64_t devices : counts) {
    ScalingGroup& group = result.groups.emplace_back(ScalingGroup{devices, {}});
    for (const Job& job : jobs) {
      if (!progress(done++ / all)) return std::nullopt;
      group.cells.push_back(cell_for(job, devices, request));
    }
  }
  return result;
}

QStringList cell_lines(const ScalingCell& cell) {
  if (!cell.refused.isEmpty()) return {QObject::tr("refused: %1").arg(cell.refused)};
  QStringList lines{longest_text(*cell.longest), arrangement_text(cell),
                    QObject::tr("peaks at %1").arg(to_qt(sim::format_moment(cell.longest->breakdown.moment)))};
  const std::optional<NodeMemory> node = node_memory(cell.job, cell.longest->breakdown.host);
  if (node) lines << node_line(cell, *node);
  return lines;
}

CsvTable scaling_csv(const Scaling& scaling) {
  CsvTable table;
  table.header = {"devices",
                  "method",
                  "status",
                  "reason",
                  "data_parallel",
                  "sequence_parallel",
                  "ulysses_parallel",
                  "tensor_parallel",
                  "pipeline_parallel",
                  "nodes",
                  "max_context_tokens",
                  "binding",
                  "device_bytes",
                  "host_node_bytes"};
  for (const ScalingGroup& group : scaling.groups) {
    for (std::size_t i = 0; i < group.cells.size(); ++i) {
      const ScalingCell& cell = group.cells[i];
      const Degrees& degrees = cell.job.degrees;
      QStringList row{QString::number(group.devices), scaling.methods[i], status_name(cell), cell.refused};
      for (const std::int64_t count :
           {degrees.data, degrees.sequence, degrees.ulysses, degrees.tensor, degrees.pipeline, cell.job.nodes}) {
        row.push_back(QString::number(count));
      }
      row += answer_fields(cell);
      row.resize(table.header.size());
      table.rows.push_back(row);
    }
  }
  return table;
}

}  // namespace headroom::gui
