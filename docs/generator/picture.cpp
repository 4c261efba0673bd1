#include "picture.h"

#include <algorithm>
#include <array>
#include <vector>

#include <fmt/format.h>

#include <headroom/models/format.h>
#include <headroom/models/presets.h>
#include <headroom/sim/predictor.h>

#include "axes.h"
#include "example.h"
#include "profile.h"
#include "svg.h"
#include "words.h"

namespace headroom::docs {
namespace {

using svg::Anchor;

struct Band {
  Category category;
  std::string_view colour;
};

/// From the bottom up: what persists, in greys, then what comes and goes, in hues that stay apart for every kind of
/// colour vision (Okabe and Ito, 2008).
constexpr std::array<Band, 8> kBands{{
    {Category::parameters, "#4d4d4d"},
    {Category::optimizer_state, "#8c8c8c"},
    {Category::gradients, "#c4c4c4"},
    {Category::saved_activations, "#0072b2"},
    {Category::attention, "#e69f00"},
    {Category::feed_forward, "#009e73"},
    {Category::head_and_loss, "#cc79a7"},
    {Category::communication, "#d55e00"},
}};

constexpr double kWidth = 900;
constexpr double kHeight = 320;
constexpr double kLegendRight = kWidth - 14;

/// "5.35": so that figures beside each other compare.
std::string in_gib(Bytes bytes) {
  if (bytes == Bytes()) return "0";
  const double gib = static_cast<double>(bytes.count()) / static_cast<double>((1_GiB).count());
  return gib < 0.01 ? "&lt; 0.01" : fmt::format("{:.2f}", gib);
}

/// Scores that span the sequence need a scale of their own.
bool spans_scores(std::string_view method) { return method_preset(method).method.attention == Attention::vanilla; }

/// Those that the job's step can have.
std::vector<Band> bands_of(const Job& job) {
  std::vector<Band> bands(kBands.begin(), kBands.end());
  if (rank_count(job.degrees) == 1) bands.pop_back();
  return bands;
}

/// Over the methods drawn to the same scale as `method`.
Bytes highest_peak(std::string_view method) {
  Bytes most;
  for (const std::string_view name : method_names()) {
    const Job job = gpt_example(name);
    if (spans_scores(name) == spans_scores(method)) most = std::max(most, sim::Predictor(job).peak(job.seq).allocated);
  }
  return most;
}

/// Draws one picture, part by part.
class Painter {
 public:
  explicit Painter(std::string_view method)
      : method_(method),
        job_(gpt_example(method)),
        bands_(bands_of(job_)),
        breakdown_(sim::Predictor(job_).breakdown(job_.seq)),
        stages_(profile(job_)),
        x_(frame_, stages_),
        y_(frame_, highest_peak(method)),
        columns_(columns(stages_, x_)) {}

  [[nodiscard]] std::string paint() const {
    return begin() + head() + phases() + grid() + areas() + layers() + peak() + legend() + scale_note() + "</svg>\n";
  }

 private:
  std::string method_;
  Job job_;
  std::vector<Band> bands_;
  sim::Breakdown breakdown_;
  std::vector<Stage> stages_;
  Frame frame_;
  StageAxis x_;
  BytesAxis y_;
  std::vector<Column> columns_;

  [[nodiscard]] double legend_left() const { return frame_.right + 18; }
  [[nodiscard]] double legend_row(std::size_t row) const { return frame_.top + 10 + 21 * static_cast<double>(row); }

  [[nodiscard]] std::string peak_words() const {
    const auto& moment = breakdown_.moment;
    const std::string layer = sim::has_layer(moment.instant) ? fmt::format(" of layer {}", moment.layer) : "";
    return fmt::format("peak {} GiB: {}{}, bound by {}", in_gib(breakdown_.allocated), words_of(moment.instant), layer,
                       words_of(breakdown_.binding));
  }

  [[nodiscard]] std::string job_words() const {
    const LayerKind& kind = job_.model.kinds.front();
    return fmt::format(
        "GPT style, {} layers, h {}, f {}, {} heads, v {}; {} tokens, batch {}, bf16, bf16 AdamW, full recompute{}",
        layer_count(job_.model), job_.model.hidden, kind.ffn_hidden, kind.heads, job_.model.vocab,
        format_tokens(job_.seq), job_.batch, rank_count(job_.degrees) == 1 ? "" : "; one of " + format_degrees(job_));
  }

  [[nodiscard]] std::string begin() const {
    return fmt::format(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0}\" height=\"{1}\" viewBox=\"0 0 {0} {1}\" "
        "font-family=\"sans-serif\" role=\"img\">\n"
        "<title>{2}: live bytes by category over one training step; {3}</title>\n",
        kWidth, kHeight, method_, peak_words());
  }

  [[nodiscard]] std::string head() const {
    const std::string title =
        fmt::format("<tspan font-weight=\"bold\">{}</tspan>: allocated bytes alive during one training step", method_);
    return svg::rectangle(0, 0, kWidth, kHeight, "#ffffff") + svg::text(12, 20, Anchor::start, 14, title) +
           svg::text(12, 38, Anchor::start, 11, job_words(), svg::kPale);
  }

  [[nodiscard]] std::string phases() const {
    return phase(Phase::forward, "forward", "#fafafa") + phase(Phase::head, "head", "#f0f0f0") +
           phase(Phase::backward, "backward", "#fafafa") + phase(Phase::optimizer, "optimizer", "#f0f0f0") +
           svg::text(frame_.left, frame_.bottom + 54, Anchor::start, 11,
                     "events in order, not time; the small numbers are layers", svg::kPale);
  }

  [[nodiscard]] std::string phase(Phase which, std::string_view name, std::string_view shade) const {
    const auto is_here = [&](const Stage& stage) { return stage.phase == which; };
    const auto first = std::find_if(stages_.begin(), stages_.end(), is_here);
    const auto last = std::find_if_not(first, stages_.end(), is_here) - 1;
    const double left = x_.begin(static_cast<std::size_t>(first - stages_.begin()));
    const double right = x_.end(static_cast<std::size_t>(last - stages_.begin()));
    return svg::rectangle(left, frame_.top, right - left, frame_.bottom - frame_.top + 36, shade) +
           svg::text((left + right) / 2, frame_.bottom + 30, Anchor::middle, 12, name);
  }

  [[nodiscard]] std::string grid() const {
    std::string text;
    const std::vector<std::int64_t> lines = y_.lines();
    for (const std::int64_t gib : lines) {
      const double y = y_.y(gib * 1_GiB);
      text += svg::line(frame_.left, y, frame_.right, y, "#d0d0d0");
      text += svg::text(frame_.left - 6, y + 4, Anchor::end, 11,
                        fmt::format("{}{}", gib, gib == lines.back() ? " GiB" : ""));
    }
    return text;
  }

  /// Each category's area reaches down to zero; the ones below are painted over it.
  [[nodiscard]] std::string areas() const {
    std::string text;
    for (std::size_t band = bands_.size(); band-- > 0;) text += area(band);
    return text;
  }

  [[nodiscard]] std::string area(std::size_t band) const {
    std::string path =
        fmt::format("<path fill=\"{}\" d=\"M{:.1f} {:.1f}", bands_[band].colour, frame_.left, frame_.bottom);
    std::string level;
    for (const Column& column : columns_) {
      const std::string here = fmt::format("{:.1f}", top_of(column, band));
      if (here != level) path += fmt::format("H{:.1f}V{}", column.x, here);
      level = here;
    }
    return path + fmt::format("H{:.1f}V{:.1f}Z\"/>\n", frame_.right, frame_.bottom);
  }

  [[nodiscard]] double top_of(const Column& column, std::size_t band) const {
    Bytes sum;
    for (std::size_t i = 0; i <= band; ++i) sum += column.live[bands_[i].category];
    return y_.y(sum);
  }

  [[nodiscard]] std::string layers() const {
    std::string text = svg::line(frame_.left, frame_.bottom, frame_.right, frame_.bottom, svg::kInk);
    for (std::size_t i = 0; i < stages_.size(); ++i) {
      text += svg::line(x_.begin(i), frame_.bottom, x_.begin(i), frame_.bottom + 5, "#888888");
      if (!stages_[i].layer) continue;
      text += svg::text((x_.begin(i) + x_.end(i)) / 2, frame_.bottom + 14, Anchor::middle, 10,
                        fmt::format("{}", *stages_[i].layer), svg::kPale);
    }
    return text;
  }

  [[nodiscard]] std::string peak() const {
    const auto fullest = std::max_element(columns_.begin(), columns_.end(), [](const Column& a, const Column& b) {
      return a.live.total() < b.live.total();
    });
    const double y = y_.y(fullest->live.total());
    const bool right_of_it = fullest->x < (frame_.left + frame_.right) / 2;
    return svg::ring(fullest->x, y) + svg::text(fullest->x + (right_of_it ? -4 : 4), y - 8,
                                                right_of_it ? Anchor::start : Anchor::end, 12, peak_words());
  }

  [[nodiscard]] std::string legend() const {
    std::string text = svg::text(kLegendRight, legend_row(0), Anchor::end, 11, "GiB at the peak", svg::kPale);
    for (std::size_t row = 1; row <= bands_.size(); ++row) {
      const Band& band = bands_[bands_.size() - row];
      const double y = legend_row(row);
      text += svg::rectangle(legend_left(), y - 10, 12, 12, band.colour);
      text += svg::text(legend_left() + 18, y, Anchor::start, 12, words_of(band.category));
      text += svg::text(kLegendRight, y, Anchor::end, 12, in_gib(breakdown_.categories[band.category]));
    }
    return text;
  }

  [[nodiscard]] std::string scale_note() const {
    const double y = legend_row(bands_.size() + 1) + 8;
    const std::string_view words = spans_scores(method_) ? "a scale of its own" : "same scale for all but vanilla";
    return svg::text(legend_left(), y, Anchor::start, 11, words, svg::kPale);
  }
};

}  // namespace

std::string picture(std::string_view method) { return Painter(method).paint(); }

}  // namespace headroom::docs
