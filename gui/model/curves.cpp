#include "model/curves.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include <headroom/models/error.h>

namespace headroom::gui {
namespace {

constexpr std::int64_t kShortest = 1024;
constexpr std::int64_t kLeastLongest = std::int64_t{128} * 1024;
constexpr std::int64_t kLongest = std::int64_t{1} << 40;
constexpr int kPointsAnOctave = 16;

/// A power of two beyond everything the picture has to show.
std::int64_t last_length(const Job& job, const std::vector<Prediction>& predictions) {
  std::int64_t furthest = std::max(kLeastLongest, job.seq.count());
  for (const Prediction& prediction : predictions) {
    if (prediction.longest) furthest = std::max(furthest, prediction.longest->tokens.count());
  }
  std::int64_t last = kShortest;
  while (last < furthest + furthest / 4 && last < kLongest) last *= 2;
  return last;
}

std::vector<Tokens> lengths_until(std::int64_t last) {
  std::vector<Tokens> lengths;
  const int points = static_cast<int>(std::lround(std::log2(static_cast<double>(last) / kShortest))) * kPointsAnOctave;
  for (int i = 0; i <= points; ++i) {
    const double exact = static_cast<double>(kShortest) * std::exp2(static_cast<double>(i) / kPointsAnOctave);
    lengths.emplace_back(std::llround(exact));
  }
  return lengths;
}

/// Device bytes at each length, as far as 64 bits suffice.
std::vector<Bytes> device_at(const sim::Predictor& predictor, const std::vector<Tokens>& lengths) {
  std::vector<Bytes> device;
  try {
    for (const Tokens seq : lengths) device.push_back(predictor.peak(seq).allocated + predictor.overhead());
  } catch (const OverflowError&) {
    return device;
  }
  return device;
}

/// Whether `a` needs more than `b` (1), less (-1) or the same.
int order(Bytes a, Bytes b) { return a > b ? 1 : (a < b ? -1 : 0); }

struct Pair {
  const sim::Predictor& more;
  const sim::Predictor& less;

  [[nodiscard]] bool is_crossed(Tokens seq) const { return more.peak(seq).allocated > less.peak(seq).allocated; }
};

/// The first length in (from, to] at which the pair is crossed; it is at `to`.
Tokens first_crossed(const Pair& pair, Tokens from, Tokens to) {
  std::int64_t before = from.count();
  std::int64_t behind = to.count();
  while (behind - before > 1) {
    const std::int64_t middle = before + (behind - before) / 2;
    (pair.is_crossed(Tokens(middle)) ? behind : before) = middle;
  }
  return Tokens(behind);
}

/// Changes of order between two curves, each where the new order begins.
void add_crossovers(Curves& curves, const std::vector<std::optional<sim::Predictor>>& predictors, std::size_t a,
                    std::size_t b) {
  const std::size_t points = std::min(curves.methods[a].device.size(), curves.methods[b].device.size());
  int last = 0;
  for (std::size_t i = 0; i < points; ++i) {
    const int now = order(curves.methods[a].device[i], curves.methods[b].device[i]);
    if (now != 0 && last != 0 && now != last) {
      const std::size_t more = now > 0 ? a : b;
      const std::size_t less = now > 0 ? b : a;
      const Pair pair{*predictors[more], *predictors[less]};
      const Tokens tokens = first_crossed(pair, curves.lengths[i - 1], curves.lengths[i]);
      const Bytes device = pair.more.peak(tokens).allocated + pair.more.overhead();
      curves.crossovers.push_back({tokens, device, more, less});
    }
    if (now != 0) last = now;
  }
}

void find_crossovers(Curves& curves, const std::vector<std::optional<sim::Predictor>>& predictors) {
  for (std::size_t a = 0; a < predictors.size(); ++a) {
    for (std::size_t b = a + 1; b < predictors.size(); ++b) {
      if (predictors[a] && predictors[b]) add_crossovers(curves, predictors, a, b);
    }
  }
  std::sort(curves.crossovers.begin(), curves.crossovers.end(),
            [](const Crossover& x, const Crossover& y) { return x.tokens < y.tokens; });
}

}  // namespace

Curves predict_curves(const Job& job) { return predict_curves(job, jobs_by_method(job)); }

Curves predict_curves(const Job& job, const std::vector<Job>& methods) {
  Curves curves;
  curves.job = job;
  std::vector<Prediction> predictions;
  predictions.reserve(methods.size());
  for (const Job& method : methods) predictions.push_back(predict(method));
  curves.lengths = lengths_until(last_length(job, predictions));
  std::vector<std::optional<sim::Predictor>> predictors;
  for (const Prediction& prediction : predictions) {
    MethodCurve curve{prediction, {}};
    predictors.emplace_back();
    if (prediction.breakdown) {
      predictors.back().emplace(prediction.job);
      curve.device = device_at(*predictors.back(), curves.lengths);
    }
    curves.methods.push_back(std::move(curve));
  }
  find_crossovers(curves, predictors);
  return curves;
}

}  // namespace headroom::gui
