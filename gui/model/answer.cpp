#include "model/answer.h"

#include <optional>

#include <headroom/sim/honesty.h>

#include "model/host_memory.h"
#include "model/text.h"

namespace headroom::gui {
namespace {

QString with_unit(Tokens tokens) {
  return tokens.count() == 1 ? QObject::tr("1 token") : QObject::tr("%1 tokens").arg(tokens_text(tokens));
}

QString memory_text(const Prediction& prediction) {
  const sim::Breakdown& breakdown = *prediction.breakdown;
  const Bytes capacity = prediction.job.device.capacity.bytes;
  const bool has_room = breakdown.device <= capacity;
  const Bytes rest = has_room ? capacity - breakdown.device : breakdown.device - capacity;
  const std::optional<NodeMemory> node = node_memory(prediction.job, breakdown.host);
  return QObject::tr("%1 of %2 %3, %4 %5; peaks at %6; binding: %7%8")
      .arg(bytes_text(breakdown.device), bytes_text(capacity),
           is_budget(prediction.job.device) ? QObject::tr("allocated") : QObject::tr("device memory"), bytes_text(rest),
           has_room ? QObject::tr("left") : QObject::tr("too much"), to_qt(sim::format_moment(breakdown.moment)),
           category_text(breakdown.binding), node ? QObject::tr("; host memory %1").arg(node_text(*node)) : QString());
}

QStringList remarks_for(const Prediction& prediction) {
  QStringList remarks;
  for (const std::string& warning : prediction.warnings) remarks.push_back(capitalised(to_qt(warning)));
  const Transformer& model = prediction.job.model;
  if (model.max_positions > 0 && prediction.fits() && prediction.job.seq.count() > model.max_positions) {
    remarks.push_back(QObject::tr("%1 was made for %2; longer contexts need its positions extended")
                          .arg(name_text(model.name), with_unit(Tokens(model.max_positions))));
  }
  return remarks;
}

}  // namespace

QString binding_text(const sim::MaxContext& longest) {
  const bool by_host = longest.host && longest.host->binds;
  return by_host ? QObject::tr("host memory") : category_text(longest.breakdown.binding);
}

QString longest_text(const sim::MaxContext& longest) {
  const bool by_host = longest.host && longest.host->binds;
  if (longest.tokens == Tokens(0)) {
    return QObject::tr("Nothing fits: even %1 lack %2 of %3")
        .arg(with_unit(longest.breakdown.seq), bytes_text(longest.shortfall),
             by_host ? QObject::tr("host memory") : QObject::tr("device memory"));
  }
  const Tokens wall = longest.next_wall.tokens;
  const QString next = wall >= sim::kLongestContext
                           ? QObject::tr("no next wall")
                           : QObject::tr("next wall %1, %2%3")
                                 .arg(with_unit(wall), category_text(longest.next_wall.binding),
                                      by_host ? QObject::tr(" on the device") : QString());
  return QObject::tr("Longest context %1, bound by %2; %3").arg(with_unit(longest.tokens), binding_text(longest), next);
}

Answer answer_for(const Prediction& prediction) {
  Answer answer;
  const Job& job = prediction.job;
  answer.headline = QObject::tr("%1 at %2 with %3").arg(subject_text(job), with_unit(job.seq), method_text(job.method));
  answer.settings = to_qt(format_settings(job));
  if (!prediction.breakdown) {
    answer.verdict = Answer::Verdict::refused;
    answer.verdict_text = QObject::tr("refused");
    answer.memory = capitalised(to_qt(prediction.refused));
    return answer;
  }
  answer.verdict = prediction.fits() ? Answer::Verdict::fits : Answer::Verdict::does_not_fit;
  answer.verdict_text = prediction.fits() ? QObject::tr("fits") : QObject::tr("does not fit");
  answer.memory = memory_text(prediction);
  answer.longest = longest_text(*prediction.longest);
  answer.remarks = remarks_for(prediction);
  return answer;
}

Honesty honesty_for(const Prediction& prediction) {
  QStringList figures;
  QStringList origins;
  for (const sim::Assumption& assumption : sim::assumptions(prediction.job)) {
    const QString figure = QObject::tr("%1 %2 %3")
                               .arg(to_qt(assumption.subject), bytes_text(assumption.figure.bytes),
                                    to_qt(name_of(assumption.figure.certainty)));
    figures.push_back(figure);
    origins.push_back(figure + QStringLiteral(": ") + to_qt(assumption.figure.origin));
  }
  return {figures.join(QStringLiteral(" · ")), origins.join(QLatin1Char('\n')), capitalised(to_qt(prediction.status)),
          capitalised(to_qt(sim::runtime_note()))};
}

}  // namespace headroom::gui
