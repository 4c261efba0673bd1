#include <benchmark/benchmark.h>

#include <vector>

#include <headroom/models/presets.h>

#include "model/breakdown_scene.h"
#include "model/curves.h"
#include "model/job_state.h"

namespace headroom::gui {
namespace {

/// Every preset with two heads: ten methods.
std::vector<Job> ten_methods(const Job& job) {
  std::vector<Job> methods;
  for (const Head head : {Head::dense_fp32, Head::chunked}) {
    for (Job method : jobs_by_method(job)) {
      method.method.head = head;
      methods.push_back(std::move(method));
    }
  }
  return methods;
}

/// What a slider move computes while the curves of ten methods are seen: it has to be done before the next frame.
void slider_move_with_ten_curves(benchmark::State& state) {
  Job job = first_document().job;
  for (auto _ : state) {
    job.seq = Tokens(job.seq.count() % (1 << 20) + 256);
    const Curves curves = predict_curves(job, ten_methods(job));
    benchmark::DoNotOptimize(curves_scene(curves));
  }
}
BENCHMARK(slider_move_with_ten_curves)->Unit(benchmark::kMillisecond);

/// The same while the bars are seen.
void slider_move_with_bars(benchmark::State& state) {
  Job job = first_document().job;
  for (auto _ : state) {
    job.seq = Tokens(job.seq.count() % (1 << 20) + 256);
    benchmark::DoNotOptimize(stacks_scene(stacks_of(predict_methods(job)), job.device.capacity.bytes));
  }
}
BENCHMARK(slider_move_with_bars)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace headroom::gui

BENCHMARK_MAIN();
