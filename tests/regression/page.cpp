#include "page.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <optional>

#include <fmt/format.h>

#include <headroom/models/format.h>
#include <headroom/models/presets.h>
#include <headroom/sim/check.h>

#include <svg.h>

#include "inference_jobs.h"
#include "jobs.h"
#include "mutants.h"
#include "rank_jobs.h"
#include "reproductions.h"
#include "slopes.h"

namespace headroom::test {
namespace {

namespace svg = docs::svg;

std::string method_text(const Job& job) {
  const bool recomputed = job.method.key_values == KeyValues::recomputed;
  return fmt::format("{}{}, {} head", job.method.name, recomputed ? ", key-values recomputed" : "",
                     name_of(job.method.head));
}

/// A figure and how far it is from what it is held against; nothing where there is none.
std::string distance_text(const std::optional<sim::CheckedFigure>& figure) {
  if (!figure) return "";
  const double share =
      static_cast<double>(figure->difference().count()) / static_cast<double>(figure->predicted.count());
  return fmt::format("{}, {:+.2f} %", format_bytes(figure->measured), 100 * share);
}

/// Without its last cells.
std::string record_row(const NamedRecord& named, const std::string& device, const sim::Check& check) {
  const Job& job = named.record.job;
  return fmt::format("| [{}](../measure/records/{}/{}.json) | {} | {} | {} | {}·{} | {} | {} | {} B |", named.name,
                     device, named.name, method_text(job), format_recompute(job.recompute), name_of(job.precision),
                     job.batch, job.seq.count(), format_grouped(check.total.measured.count()),
                     format_grouped(check.total.predicted.count()), check.total.difference().count());
}

std::string table(const std::vector<NamedRecord>& records) {
  std::string text =
      "| record | method | recompute | precision | b·s | measured, bytes | predicted, bytes | difference | witness |\n"
      "|---|---|---|---|---:|---:|---:|---:|---:|\n";
  for (const NamedRecord& named : records) {
    const sim::Check check = sim::check(named.record);
    text += fmt::format("{} {} |\n", record_row(named, "host", check), distance_text(check.witness));
  }
  return text;
}

std::string device_table(const DeviceCorpus& corpus) {
  std::string text =
      "| record | method | recompute | precision | b·s | measured, bytes | predicted, bytes | difference | CUPTI | "
      "device |\n|---|---|---|---|---:|---:|---:|---:|---:|---:|\n";
  for (const NamedRecord& named : corpus.records) {
    const sim::Check check = sim::check(named.record);
    const std::string cupti = check.witness ? fmt::format("{} B", check.witness->difference().count()) : "";
    text += fmt::format("{} {} | {} |\n", record_row(named, corpus.device, check), cupti, distance_text(check.device));
  }
  return text;
}

std::string devices_section(const std::vector<DeviceCorpus>& devices) {
  std::string text =
      "## CUDA\n\nRecords that scripts/measure-gpu.sh makes ([gpu.md](gpu.md)). CUPTI's peak, counted from its own "
      "records, must equal\nthe prediction to the byte; all that the program takes of a calibrated device may differ "
      "by "
      "1 % or 64 MiB.\n\n";
  if (devices.empty()) return text + "**CUDA: compiled, never run.** No device has a record yet.\n\n";
  for (const DeviceCorpus& corpus : devices) text += "### " + corpus.device + "\n\n" + device_table(corpus) + "\n";
  return text;
}

std::ptrdiff_t agreeing(const std::vector<NamedRecord>& records) {
  return std::count_if(records.begin(), records.end(),
                       [](const NamedRecord& named) { return sim::check(named.record).agrees(); });
}

constexpr double kSize = 480;
constexpr double kLeft = 90;
constexpr double kTop = 40;

/// Powers of two that the axes span.
constexpr int kFirst = 26;
constexpr int kLast = 32;

double along(double bytes) { return (std::log2(bytes) - kFirst) / (kLast - kFirst) * kSize; }
double across(double bytes) { return kLeft + along(bytes); }
double up(double bytes) { return kTop + kSize - along(bytes); }

std::string grid() {
  std::string text;
  for (int power = kFirst; power <= kLast; ++power) {
    const Bytes bytes(std::int64_t{1} << power);
    const auto at = static_cast<double>(bytes.count());
    text += svg::line(across(at), kTop, across(at), kTop + kSize, "#dddddd");
    text += svg::line(kLeft, up(at), kLeft + kSize, up(at), "#dddddd");
    text += svg::text(across(at), kTop + kSize + 18, svg::Anchor::middle, 12, format_bytes(bytes), svg::kPale);
    text += svg::text(kLeft - 8, up(at) + 4, svg::Anchor::end, 12, format_bytes(bytes), svg::kPale);
  }
  return text + svg::line(kLeft, kTop + kSize, kLeft + kSize, kTop, svg::kPale);
}

constexpr std::string_view kColours[] = {"#4e79a7", "#f28e2b", "#59a14f", "#b07aa1", "#e15759",
                                         "#76b7b2", "#9c755f", "#edc948", "#7f7f7f"};

std::string_view colour_of(std::string_view method) {
  const std::vector<std::string_view> names = method_names();
  const auto at = std::find(names.begin(), names.end(), method) - names.begin();
  return kColours[static_cast<std::size_t>(at) % std::size(kColours)];
}

std::string dot(double x, double y, std::string_view colour) {
  return fmt::format(
      "<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"4.5\" fill=\"{}\" fill-opacity=\"0.75\" stroke=\"#ffffff\"/>\n", x, y,
      colour);
}

std::string dots(const std::vector<NamedRecord>& records) {
  std::string text;
  for (const NamedRecord& named : records) {
    const sim::CheckedFigure total = sim::check(named.record).total;
    text += dot(across(static_cast<double>(total.predicted.count())), up(static_cast<double>(total.measured.count())),
                colour_of(named.record.job.method.name));
  }
  return text;
}

std::string legend() {
  std::string text;
  double y = kTop + 20;
  for (const std::string_view method : method_names()) {
    text += dot(kLeft + 16, y - 4, colour_of(method)) + svg::text(kLeft + 28, y, svg::Anchor::start, 12, method);
    y += 18;
  }
  return text;
}

}  // namespace

std::string verified_cuda_text(const std::vector<DeviceCorpus>& devices) {
  std::string verified;
  for (const DeviceCorpus& corpus : devices) {
    verified += fmt::format("{}equal to the byte in {} of {} records on {}", verified.empty() ? "" : ", ",
                            agreeing(corpus.records), corpus.records.size(), corpus.device);
  }
  return fmt::format(
      "// Written by headroom_regression --write: what the records of measure/records/<device> have verified.\n"
      "\"{}\"\n",
      verified.empty() ? "compiled, never run" : verified);
}

std::string validation_page(const std::vector<NamedRecord>& records, const std::vector<DeviceCorpus>& devices) {
  return fmt::format(
      R"(# Validation

Written by `headroom_regression --write`; by hand nothing is changed here.

Real layers run on the processor and their memory is held against the prediction of the same job: allocated bytes at the
peak, in total and per category, must be equal, without tolerance. What ran on GPUs is below, under CUDA.

| what | compared | agree |
|---|---:|---:|
| jobs measured live by the regression | {} | {} |
| jobs of inference measured live, every birth and death in order | {} | {} |
| jobs measured live on 2 and on 4 ranks, every rank | {} | {} |
| records of the corpus | {} | {} |
| mistakes made in the prediction that change the peak, told | {} | {} |
| mistakes made in the layers that change the peak, told | {} | {} |

The live jobs are small and odd: sequences that are no multiple of the chunk, chunks longer than the sequence, one token,
one layer, one head. They are every method x recompute x head, in every precision. A mistake drops a tensor, doubles it,
gives it the wrong type or lets it die an instant later; the check must fail and name the category. `regression_test`
measures all of it anew, `ranks_regression_test` what runs on ranks: every way to share a sequence x attention x
feed-forward x recompute, with states shared out and offload beside them; there the host's memory and what each rank
sends are held to the prediction too.

Inference is every way to compute a layer x head x precision x prompts at once or in chunks, with and without windows,
and every structure of layers, on one rank and on tensor and data ranks; beside the peaks every birth and every death of
one rank's prefill and decode is the predicted one.

## The corpus

Records of larger jobs (`measure/records/host`), each run once with two threads for one step. `corpus_test` holds them
against the predictions without measuring. The witness is the operating system's figure for the process, without what the
same program takes for a job with every size 1; its distance is from the predicted tensors, for records from 1 GiB on, and may
be 2 % + 16 MiB.

{}
![measured against predicted bytes, all points on the diagonal](validation.svg)

{}## What a longer sequence costs

Bytes at 2s minus bytes at s, over b·s·h elements of bf16, at the peak of a layer's backward, beyond the saved inputs of
the layers: GPT style, f = 4h, as many key-value heads as heads, full recompute, chunks of 1024 tokens, s = 65,536. These
are predictions; the regression runs real layers of hidden 128 with the same shape and holds them to the same bounds.

{}
{})",
      kLiveRows, kLiveRows, kInferenceRows, kInferenceRows, all_rank_jobs().size(), all_rank_jobs().size(),
      records.size(), agreeing(records), kPredictionMutants, kPredictionMutants, kLayerMutants, kLayerMutants,
      table(records), devices_section(devices), slopes_section(), reproductions_section());
}

std::string validation_picture(const std::vector<NamedRecord>& records) {
  constexpr double kWidth = kLeft + kSize + 40;
  constexpr double kHeight = kTop + kSize + 60;
  return fmt::format(
             "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0} {1}\" width=\"{0}\" height=\"{1}\" "
             "font-family=\"sans-serif\">\n",
             kWidth, kHeight) +
         svg::rectangle(0, 0, kWidth, kHeight, "#ffffff") + grid() + dots(records) + legend() +
         svg::text(kLeft, kTop - 16, svg::Anchor::start, 14, "measured bytes (upwards) against predicted bytes") +
         svg::text(kLeft + kSize / 2, kTop + kSize + 42, svg::Anchor::middle, 12, "predicted, allocated at the peak") +
         "</svg>\n";
}

}  // namespace headroom::test
