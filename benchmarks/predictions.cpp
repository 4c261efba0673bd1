// How long answers take: one prediction, one max-context query, predictions per second on one core and on all.

#include <benchmark/benchmark.h>

#include <cstdint>
#include <string>
#include <thread>

#include <headroom/models/presets.h>
#include <headroom/sim/max_context.h>
#include <headroom/sim/predictor.h>

namespace {

using headroom::Job;
using headroom::Tokens;
using headroom::sim::Predictor;

/// Llama-3-8B with `layers` layers in 4 GiB a layer, bf16 with bf16 states, full recompute.
Job job_of(std::string_view method, std::int64_t layers) {
  Job job;
  job.model = headroom::model_preset("llama-3-8b");
  job.model.layer_runs = {{layers, {0}}};
  job.device = headroom::budget_device(layers * headroom::operator""_GiB(4));
  job.method = headroom::method_preset(method).method;
  job.precision = headroom::Precision::bf16;
  job.optimizer.states = headroom::StateDType::bf16;
  return job;
}

void one_prediction(benchmark::State& state, const std::string& method) {
  const Predictor predictor(job_of(method, state.range(0)));
  const Tokens seq(state.range(1));
  for (auto _ : state) benchmark::DoNotOptimize(predictor.peak(seq));
}

void max_context_query(benchmark::State& state, const std::string& method) {
  const Predictor predictor(job_of(method, state.range(0)));
  for (auto _ : state) benchmark::DoNotOptimize(headroom::sim::max_context(predictor, {}));
}

/// A job from scratch for each prediction, as a sweep over jobs makes them.
void sweep_over_jobs(benchmark::State& state, const std::string& method) {
  Job job = job_of(method, 32);
  for (auto _ : state) {
    job.batch = job.batch % 8 + 1;
    benchmark::DoNotOptimize(Predictor(job).peak(Tokens(8192)));
  }
  state.SetItemsProcessed(state.iterations());
}

/// Lengths of one job, as a curve asks for them; items are predictions.
void sweep_over_lengths(benchmark::State& state, const std::string& method) {
  const Predictor predictor(job_of(method, 32));
  std::int64_t seq = 0;
  for (auto _ : state) {
    seq = seq % (1 << 20) + 256;
    benchmark::DoNotOptimize(predictor.peak(Tokens(seq)));
  }
  state.SetItemsProcessed(state.iterations());
}

void register_all() {
  const int cores = static_cast<int>(std::thread::hardware_concurrency());
  for (const std::string_view view : headroom::method_names()) {
    const std::string method(view);
    benchmark::RegisterBenchmark(("prediction/" + method).c_str(), one_prediction, method)
        ->ArgNames({"layers", "seq"})
        ->ArgsProduct({{8, 128}, {1 << 10, 100'000'000}});
    benchmark::RegisterBenchmark(("max-context/" + method).c_str(), max_context_query, method)
        ->ArgName("layers")
        ->Arg(8)
        ->Arg(128);
    for (const int threads : {1, cores}) {
      benchmark::RegisterBenchmark(("sweep-lengths/" + method).c_str(), sweep_over_lengths, method)
          ->Threads(threads)
          ->UseRealTime();
      benchmark::RegisterBenchmark(("sweep-jobs/" + method).c_str(), sweep_over_jobs, method)
          ->Threads(threads)
          ->UseRealTime();
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  register_all();
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
}
