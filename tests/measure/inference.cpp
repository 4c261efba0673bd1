#include "inference.h"

#include <cmath>
#include <numeric>

#include <headroom/measure/generator.h>

namespace headroom::test {
namespace {

/// Takes the logits apart by where they come from.
class LogitsCollector : public measure::Observer {
 public:
  LogitsCollector(kernels::Backend& backend, measure::Resource& resource, Logits& logits)
      : backend_(backend), resource_(resource), logits_(logits) {}

  void enters(const measure::Instant& instant) override { is_decode_ = instant.name.starts_with("decode"); }
  void has_logits(const measure::Tensor& tensor) override {
    std::vector<double>& to = is_decode_ ? logits_.decode : logits_.prefill;
    const std::vector<double> values = values_on(backend_, resource_, tensor);
    to.insert(to.end(), values.begin(), values.end());
  }

 private:
  kernels::Backend& backend_;
  measure::Resource& resource_;
  Logits& logits_;
  bool is_decode_ = false;
};

/// The last layer's output.
struct Output : measure::Observer {
  void last_output(const measure::Tensor& x) override { values = values_of(x.view()); }
  std::vector<double> values;
};

struct Norms {
  double mean = 0;
  double factor = 1;
};

Norms norms_of(const Job& job, const double* row) {
  const std::int64_t h = job.model.hidden;
  double mean = 0, square = 0;
  if (job.model.norm == Norm::layernorm) mean = std::accumulate(row, row + h, 0.0) / static_cast<double>(h);
  for (std::int64_t i = 0; i < h; ++i) square += (row[i] - mean) * (row[i] - mean) / static_cast<double>(h);
  return {mean, 1 / std::sqrt(square + static_cast<double>(kernels::kNormEpsilon))};
}

std::vector<double> normed(const Job& job, measure::Weights& weights, const double* row) {
  const Norms norms = norms_of(job, row);
  const std::vector<double> gain = values_of(weights.final_norm.gain.value.view());
  std::vector<double> out(gain.size());
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = (row[i] - norms.mean) * norms.factor * gain[i];
  if (!weights.final_norm.bias) return out;
  const std::vector<double> bias = values_of(weights.final_norm.bias->value.view());
  for (std::size_t i = 0; i < out.size(); ++i) out[i] += bias[i];
  return out;
}

std::vector<double> head(const Job& job, measure::Weights& weights, const std::vector<double>& x) {
  const auto v = static_cast<std::size_t>(job.model.vocab);
  std::vector<double> logits(v);
  if (weights.head_bias) logits = values_of(weights.head_bias->value.view());
  const std::vector<double> table = values_of((weights.head ? *weights.head : weights.embedding).value.view());
  for (std::size_t word = 0; word < v; ++word) {
    for (std::size_t i = 0; i < x.size(); ++i) {
      logits[word] += x[i] * (weights.head ? table[i * v + word] : table[word * x.size() + i]);
    }
  }
  return logits;
}

}  // namespace

Logits logits_on(kernels::Backend& backend, measure::Resource& resource, const Job& job,
                 measure::Communicator& communicator, std::int64_t runs) {
  measure::Memory memory(resource);
  Logits logits;
  LogitsCollector collector(backend, resource, logits);
  measure::Generator generator(backend, memory, job, {}, &collector, communicator);
  for (std::int64_t run = 0; run < runs; ++run) {
    logits = {};
    generator.run();
  }
  return logits;
}

Logits logits_of(const Job& job, std::int64_t runs) {
  Bench bench;
  return logits_on(*bench.backend, bench.resource, job, measure::alone(), runs);
}

std::vector<double> logits_by_training(const Job& job) {
  Bench stepped, fresh;
  Output output;
  measure::Trainer trainer(*stepped.backend, stepped.memory, job, {}, &output);
  (void)trainer.step();
  measure::Trainer before(*fresh.backend, fresh.memory, job);
  std::vector<double> logits;
  for (std::int64_t b = 0; b < job.batch; ++b) {
    const double* row = output.values.data() + ((b + 1) * job.seq.count() - 1) * job.model.hidden;
    const std::vector<double> of_row = head(job, before.weights(), normed(job, before.weights(), row));
    logits.insert(logits.end(), of_row.begin(), of_row.end());
  }
  return logits;
}

}  // namespace headroom::test
