#include "model/sweep.h"

#include <algorithm>
#include <functional>
#include <utility>

#include <headroom/models/error.h>
#include <headroom/models/job_field.h>
#include <headroom/sim/max_context.h>

#include "model/text.h"

namespace headroom::gui {
namespace {

constexpr std::int64_t kMostBars = 150;
constexpr std::int64_t kMostSeries = 12;  ///< colours that are told apart
constexpr std::string_view kSeq = "seq";

std::vector<Variation> variations_of(const SweepRequest& request) {
  std::vector<Variation> all = request.groups;
  all.push_back(request.series);
  return all;
}

[[noreturn]] void refuse(const QString& sentence) { throw InputError(to_utf8(sentence)); }

void refuse_twice(const std::vector<Variation>& variations) {
  for (std::size_t i = 0; i < variations.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (variations[i].name != variations[j].name) continue;
      refuse(QObject::tr("%1 is chosen twice; choose something else once").arg(to_qt(variations[i].what)));
    }
  }
}

void refuse_too_many(const std::vector<Variation>& variations) {
  const Variation& series = variations.back();
  if (series.values.count() > kMostSeries) {
    refuse(QObject::tr("%1: %2 colours cannot be told apart; give %3 values at most, or make groups of them")
               .arg(to_qt(series.what), to_qt(format_grouped(series.values.count())))
               .arg(kMostSeries));
  }
  std::int64_t bars = 1;
  for (const Variation& variation : variations) {
    const std::int64_t count = variation.values.count();
    bars = count > kMostBars ? kMostBars + 1 : bars * count;
    if (bars > kMostBars) {
      refuse(QObject::tr("more than %1 bars cannot be told apart; give fewer values").arg(kMostBars));
    }
  }
}

/// The job's own method stands in the place of its preset, and behind them all where it has none.
sim::SweepAxis own_method_among(sim::SweepAxis presets, const Method& own) {
  sim::SweepAxis axis = presets;
  if (own.name.empty()) ++axis.count;
  axis.set = [presets, own](Job& job, std::int64_t value) {
    if (value < presets.count) presets.set(job, value);
    if (job.method.name == own.name) job.method = own;
  };
  return axis;
}

sim::SweepAxis axis_of(const Variation& variation, const Job& job) {
  std::vector<std::string> notes;
  sim::SweepAxis axis = sim::sweep_axis(variation, job, notes);
  return variation.name == "method" ? own_method_among(std::move(axis), job.method) : axis;
}

QString value_text(const Variation& variation, const sim::SweepAxis& axis, Job job, std::int64_t value) {
  if (variation.name == "method") {
    axis.set(job, value);
    return method_text(job.method);
  }
  if (variation.name == kSeq) return tokens_text(Tokens(variation.values.number(value)));
  return name_text(variation.values.text(value));
}

SweptAxis swept_axis(const Variation& variation, const sim::SweepAxis& axis, const Job& job) {
  SweptAxis swept{variation.name, axis_title(variation.name), {}};
  for (std::int64_t i = 0; i < axis.count; ++i) swept.values.push_back(value_text(variation, axis, job, i));
  return swept;
}

sim::SweepQuestion question_of(const SweepRequest& request, const std::optional<AxisValues>& seq) {
  if (request.asked == Asked::longest_context) return sim::Grid{};
  if (!seq) return sim::SweepLengths{1, [length = request.job.seq](std::int64_t) { return length; }};
  return sim::SweepLengths{seq->count(), [values = *seq](std::int64_t value) { return Tokens(values.number(value)); }};
}

/// Lengths are no setting of a job: they come last in a row.
sim::SweepAxis lengths_axis(const Variation& lengths, Asked asked) {
  if (asked == Asked::longest_context) {
    refuse(QObject::tr("%1 does not vary where the longest context is asked for; ask for the peak")
               .arg(to_qt(lengths.what)));
  }
  return {lengths.values.count(), {}};
}

}  // namespace

QString axis_title(std::string_view name) {
  if (name == "model") return QObject::tr("Model");
  if (name == "hardware") return QObject::tr("Hardware");
  if (name == "method") return QObject::tr("Method");
  if (name == kSeq) return QObject::tr("Sequence length");
  return to_qt(job_field(name).title);
}

std::vector<std::size_t> Sweep::values_of(std::size_t answer) const {
  std::vector<std::size_t> values(axes.size());
  for (std::size_t i = axes.size(); i > 0; --i) {
    values[i - 1] = answer % axes[i - 1].values.size();
    answer /= axes[i - 1].values.size();
  }
  return values;
}

SweepPlan plan_sweep(const SweepRequest& request) {
  const std::vector<Variation> variations = variations_of(request);
  refuse_twice(variations);
  refuse_too_many(variations);
  Sweep outline{request.asked, request.job.seq, {}, {}, {}};
  std::vector<sim::SweepAxis> settings;
  std::optional<AxisValues> seq;
  std::vector<std::size_t> order;
  for (const Variation& variation : variations) {
    const bool is_length = variation.name == kSeq;
    sim::SweepAxis axis = is_length ? lengths_axis(variation, request.asked) : axis_of(variation, request.job);
    outline.axes.push_back(swept_axis(variation, axis, request.job));
    order.push_back(is_length ? variations.size() - 1 : settings.size());
    if (is_length) {
      seq = variation.values;
    } else {
      settings.push_back(std::move(axis));
    }
  }
  sim::Sweep jobs(request.job, std::move(settings), question_of(request, seq));
  return {std::move(outline), std::move(jobs), std::move(order)};
}

std::optional<Sweep> answer_sweep(const SweepPlan& plan, const Progress& progress) {
  Sweep sweep = plan.outline;
  const std::int64_t rows = plan.jobs.rows();
  sweep.answers.resize(static_cast<std::size_t>(rows));
  const auto place = [&](const sim::SweepAnswer& answer, std::int64_t row) {
    const std::vector<std::int64_t> chosen = plan.jobs.values(row);
    std::size_t at = 0;
    for (std::size_t i = 0; i < sweep.axes.size(); ++i) {
      at = at * sweep.axes[i].values.size() + static_cast<std::size_t>(chosen[plan.order[i]]);
    }
    sweep.answers[at] = answer;
  };
  for (std::int64_t row = 0; row < rows; ++row) {
    if (!progress(static_cast<double>(row) / static_cast<double>(rows))) return std::nullopt;
    plan.jobs.answer(row, 1, [&](std::int64_t at, const sim::SweepAnswer& answer) { place(answer, at); });
  }
  return sweep;
}

}  // namespace headroom::gui
