#include <cstdio>
#include <exception>

#include <headroom/models/presets.h>
#include <headroom/sim/max_context.h>

int main() try {
  headroom::Job job;
  job.model = headroom::model_preset("llama-3-8b");
  job.device = headroom::device_preset("a100-80gb");
  job.method = headroom::method_preset("flash").method;
  job.precision = headroom::Precision::bf16;
  job.optimizer.states = headroom::StateDType::bf16;

  const auto answer = headroom::sim::max_context(headroom::sim::Predictor(job), {});
  const auto tokens = static_cast<long long>(answer.tokens.count());
  std::printf("%s fits %lld tokens on %s\n", job.model.name.c_str(), tokens, job.device.name.c_str());
  return tokens > 0 ? 0 : 1;
} catch (const std::exception& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 1;
}
