#include "one_rank.h"

#include <cmath>

#include "alike.h"
#include "catch.h"

namespace headroom::test {
namespace {

using measure::Parameter;
using measure::Tensor;

/// A whole tensor of the rank, or its part of it from the tensor that is its shard.
Share share_of(const Job& job, const Parameter& parameter, const Tensor& whole, const Tensor& shard) {
  const measure::RankPlace place = measure::place_of(job, this_rank());
  const std::int64_t elements = parameter.rows * parameter.width;
  const std::vector<double> values = values_of((whole ? whole : shard).view());
  const measure::Part part = whole ? measure::Part{0, elements, elements}
                                   : measure::part_of(elements, this_rank() / place.tensor_ranks, place.state_ranks());
  Share share;
  for (std::int64_t i = 0; i < part.count; ++i) {
    const double value = values.at(static_cast<std::size_t>(i));
    if (const auto element = parameter.element_of_whole(part.first + i)) {
      share.values.push_back(value);
      share.elements.push_back(*element);
    } else {
      share.padding_is_zero = share.padding_is_zero && value == 0;
    }
  }
  return share;
}

/// Between steps: on the host too a parameter persists whole unless it is sharded.
const Tensor& whole_between_steps(const Job& job, const Parameter& parameter) {
  const bool is_sharded = job.method.sharding == StateSharding::zero3;
  return parameter.persistent && !is_sharded ? parameter.persistent : parameter.value;
}

class Collector : public measure::Observer {
 public:
  Collector(const Job& job, Step& step) : job_(job), step_(step) {}
  void last_output(const Tensor& x) override { step_.shares["output"] = {values_of(x.view()), {}}; }
  void has_gradient(const Parameter& p) override {
    step_.shares["gradient of " + p.name()] = share_of(job_, p, p.gradient, p.gradient_shard);
  }

 private:
  const Job& job_;
  Step& step_;
};

Step step_of(const Job& job, const measure::Training& training, measure::Communicator& communicator) {
  Bench bench;
  Step step;
  Collector collector(job, step);
  measure::Trainer trainer(*bench.backend, bench.memory, job, training, &collector, communicator, bench.host_side());
  step.loss = trainer.step();
  measure::for_each_parameter(trainer.weights(), [&](Parameter& p) {
    step.shares[p.name()] = share_of(job, p, whole_between_steps(job, p), p.persistent);
  });
  return step;
}

/// This rank's rows of the output of all tokens.
std::vector<double> own_rows(const Job& job, const std::vector<double>& output) {
  const measure::RankPlace place = measure::place_of(job, this_rank());
  const std::int64_t width = job.model.hidden, row = job.seq.count() * width;
  std::vector<double> rows;
  for (std::int64_t b = 0; b < job.batch; ++b) {
    const auto sequence = output.begin() + (place.data_rank * job.batch + b) * row;
    place.tokens.for_each_stretch({0, place.tokens.count()}, [&](const measure::Rows& part, std::int64_t token) {
      rows.insert(rows.end(), sequence + token * width, sequence + (token + part.count) * width);
    });
  }
  return rows;
}

/// Of the same tensor on one rank, what this rank has a share of.
std::vector<double> expected_share(const Job& job, const std::string& name, const Share& share, const Share& whole) {
  if (name == "output") return own_rows(job, whole.values);
  std::vector<double> values;
  for (const std::int64_t element : share.elements) {
    values.push_back(whole.values.at(static_cast<std::size_t>(element)));
  }
  return values;
}

/// A sum of squares over all ranks.
double squares(const std::vector<double>& values) {
  const double length = length_of(values);
  return sum_over_ranks(length * length);
}

}  // namespace

Job on_one_rank(Job job) {
  job.batch *= job.degrees.data;
  job.degrees = {};
  job.method.sequence = SequenceDistribution::none;
  job.method.sharding = StateSharding::none;
  job.method.offload_checkpoints = job.method.offload_optimizer = job.method.offload_parameters = false;
  job.method.prefetch = 0;
  return job;
}

measure::Training steady_training() {
  measure::Training training;
  training.adamw.learning_rate = 1e-2F;
  training.adamw.epsilon = 1e-3F;
  return training;
}

Step step_of_one_rank(const Job& job, const measure::Training& training) {
  return step_of(on_one_rank(job), training, measure::alone());
}

Step step_of_ranks(const Job& job, const measure::Training& training) {
  const measure::mpi::Exchange exchange;
  measure::mpi::MpiCommunicator communicator(measure::place_of(job, this_rank()), exchange);
  return step_of(job, training, communicator);
}

void check_like_one_rank(const Job& job, double tolerance, const measure::Training& training) {
  const Step actual = step_of_ranks(job, training), expected = step_of_one_rank(job, training);
  CHECK(actual.loss == Approx(expected.loss).epsilon(tolerance));
  CHECK(actual.shares.size() == expected.shares.size());
  for (const auto& [name, whole] : expected.shares) {
    if (is_always_zero(job, name)) continue;
    INFO(name);
    const Share& share = actual.shares.at(name);
    const std::vector<double> mine = expected_share(job, name, share, whole);
    std::vector<double> difference = mine;
    for (std::size_t i = 0; i < mine.size(); ++i) difference[i] -= share.values.at(i);
    const double length = std::sqrt(squares(mine));
    CHECK(length > 0);
    CHECK(share.padding_is_zero);
    CHECK(std::sqrt(squares(difference)) <= tolerance * length);
  }
}

}  // namespace headroom::test
