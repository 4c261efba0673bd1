#include <headroom/measure/measurement.h>

#include <chrono>
#include <cmath>
#include <functional>

#include <fmt/format.h>

#include <headroom/measure/generator.h>
#include <headroom/measure/host_resource.h>
#include <headroom/measure/memory.h>
#include <headroom/models/error.h>

#include "counting.h"
#include "finite.h"
#include "stopwatch.h"

namespace headroom::measure {
namespace {

/// Hears where the step is, for clock and progress, and what inference computes.
class Listener : public Observer {
 public:
  Listener(kernels::Backend& backend, Resource& resource, const MeasureOptions& options, std::int64_t run)
      : backend_(backend), resource_(resource), options_(options), run_(run) {}

  void enters(const Instant& instant) override {
    backend_.synchronize();
    stopwatch_.enters(instant.name);
    if (options_.progress) options_.progress({run_, step, instant});
  }
  void has_logits(const Tensor& logits) override {
    backend_.synchronize();
    if (are_finite(resource_, logits)) return;
    throw std::runtime_error("a logit is not a finite number: nothing was recorded");
  }
  [[nodiscard]] std::vector<InstantTime> stop() { return stopwatch_.stop(); }

  std::int64_t step = 0;

 private:
  kernels::Backend& backend_;
  Resource& resource_;
  const MeasureOptions& options_;
  std::int64_t run_;
  Stopwatch stopwatch_;
};

void require_positive(std::string_view what, std::int64_t count) {
  if (count < 1) throw InputError(fmt::format("{} must be at least 1, not {}", what, count));
}

Nats checked_loss(double loss, std::int64_t step) {
  if (std::isfinite(loss)) return {loss};
  throw std::runtime_error(fmt::format("the loss of step {} is not a finite number: nothing was recorded", step));
}

/// What one step of a run does; it may add to what was measured.
using Step = std::function<void(std::int64_t step, MeasuredRun& run)>;

void timed_step(const Step& step, std::int64_t number, MeasuredRun& run) {
  const auto begin = std::chrono::steady_clock::now();
  step(number, run);
  run.steps.push_back({std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count()});
}

void require_nothing_alive(const Ledger& ledger) {
  if (ledger.live() == Bytes(0)) return;
  throw std::runtime_error(fmt::format("{} bytes of tensors never died", ledger.live().count()));
}

MeasuredPeak peak_of(const Ledger& ledger) {
  const Ledger::Peak& peak = ledger.peak();
  return {peak.total, peak.categories, std::string(peak.instant.name), peak.instant.layer, std::string(peak.tensor)};
}

std::vector<TensorEvent> timeline_of(const Ledger& ledger) {
  std::vector<TensorEvent> events;
  for (const Event& event : ledger.timeline()) {
    events.push_back({event.birth, std::string(event.label.name), event.label.category, event.bytes,
                      std::string(event.instant.name), event.instant.layer});
  }
  return events;
}

/// Where a job runs.
struct Machine {
  kernels::Backend& backend;
  Resource& resource;
  kernels::Backend* host_backend;
  Communicator& communicator;
};

/// One measurement, run by run.
class Measurement {
 public:
  Measurement(const Machine& machine, const Job& job, const MeasureOptions& options)
      : machine_(machine), options_(options) {
    record_.job = job;
    record_.backend = std::string(machine.backend.name());
    record_.limit = options.limit;
  }

  void run(std::int64_t number) {
    Memory memory(machine_.resource, options_.limit), host(host_resource_);
    if (number == 1 && options_.timeline) memory.ledger().begin_timeline();
    MeasuredRun run = record_.job.mode == Mode::inference ? generate(memory, number) : train(memory, host, number);
    require_nothing_alive(memory.ledger());
    require_nothing_alive(host.ledger());
    run.peak = memory.ledger().peak().total;
    if (number == 1) describe(memory.ledger(), host.ledger());
    if (run.peak != record_.allocated.total) note_other_peak(number, run.peak);
    record_.runs.push_back(std::move(run));
  }

  [[nodiscard]] Record take() { return std::move(record_); }

 private:
  MeasuredRun train(Memory& memory, Memory& host, std::int64_t number) {
    Listener listener(machine_.backend, machine_.resource, options_, number);
    CountingCommunicator counting(machine_.communicator);
    Trainer trainer(machine_.backend, memory, record_.job, options_.training, &listener, counting,
                    Host{host, machine_.host_backend});
    return steps(memory, number, listener, counting, [&](std::int64_t step, MeasuredRun& run) {
      run.losses.push_back(checked_loss(trainer.step(), step));
    });
  }

  MeasuredRun generate(Memory& memory, std::int64_t number) {
    Listener listener(machine_.backend, machine_.resource, options_, number);
    CountingCommunicator counting(machine_.communicator);
    Generator generator(machine_.backend, memory, record_.job, options_.training, &listener, counting);
    return steps(memory, number, listener, counting, [&](std::int64_t, MeasuredRun&) { generator.run(); });
  }

  MeasuredRun steps(Memory& memory, std::int64_t number, Listener& listener, const CountingCommunicator& counting,
                    const Step& does) {
    MeasuredRun run;
    for (std::int64_t step = 1; step <= options_.steps; ++step) {
      listener.step = step;
      timed_step(does, step, run);
      memory.ledger().end_timeline();
      if (number == 1 && step == 1 && machine_.communicator.all().size() > 1) record_.sent = counting.sent();
    }
    run.instants = listener.stop();
    return run;
  }

  void describe(const Ledger& ledger, const Ledger& host) {
    record_.allocated = peak_of(ledger);
    if (host.born() > Bytes(0)) record_.host = peak_of(host);
    record_.timeline = timeline_of(ledger);
    if (!ledger.timeline_is_cut()) return;
    record_.notes.push_back(fmt::format("the timeline ends after {} events", Ledger::kMaxEvents));
  }

  void note_other_peak(std::int64_t number, Bytes peak) {
    record_.notes.push_back(fmt::format("run {} had another peak: {} bytes", number, peak.count()));
  }

  const Machine& machine_;
  HostResource host_resource_;
  const MeasureOptions& options_;
  Record record_;
};

}  // namespace

Record measure(kernels::Backend& backend, Resource& resource, const Job& job, const MeasureOptions& options,
               Communicator& communicator, kernels::Backend* host_backend) {
  require_positive("repeats", options.repeats);
  require_positive("steps", options.steps);
  if (host_backend == nullptr && resource.is_on_host()) host_backend = &backend;
  const Machine machine{backend, resource, host_backend, communicator};
  Measurement measurement(machine, job, options);
  for (std::int64_t run = 1; run <= options.repeats; ++run) measurement.run(run);
  return measurement.take();
}

}  // namespace headroom::measure
