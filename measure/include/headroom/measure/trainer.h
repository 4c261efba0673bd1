#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include <headroom/kernels/backend.h>
#include <headroom/measure/communicator.h>
#include <headroom/measure/memory.h>
#include <headroom/measure/weights.h>
#include <headroom/models/job.h>

namespace headroom::measure {

/// What a job leaves open because no tensor's size depends on it.
struct Training {
  std::uint64_t seed = 1;
  kernels::AdamW adamw;
  kernels::Adafactor adafactor;
  kernels::Sgd sgd;
  float dropout = 0.1F;            ///< probability, where the job has dropout
  std::int64_t micro_batches = 2;  ///< in a step, where the job accumulates gradients; otherwise one
};

/// The host beside a device: a second memory, with a ledger of its own, for what a job offloads (docs/runtime.md
/// section 11). Nothing is born there where the job offloads nothing.
struct Host {
  Memory& memory;                       ///< its resource is on the host
  kernels::Backend* backend = nullptr;  ///< updates parameters there; none: optimizers cannot be offloaded
};

/// Sees tensors of a step, or of inference, while they live. Must not allocate tensors.
class Observer {
 public:
  Observer() = default;
  Observer(const Observer&) = delete;
  Observer& operator=(const Observer&) = delete;
  virtual ~Observer() = default;

  /// The step enters an instant.
  virtual void enters(const Instant&) {}
  /// The last layer's output [batch, seq, hidden], of a rank its tokens' rows, once a micro-batch.
  virtual void last_output(const Tensor&) {}
  /// In inference, of the last token of each sequence of a pass: [sequences, 1, vocabulary], of a rank its part.
  virtual void has_logits(const Tensor&) {}
  /// Every parameter with its gradient, in front of its update.
  virtual void has_gradient(const Parameter&) {}
};

/// Throws InputError in a sentence where `ranks` ranks cannot run the job.
void require_runnable(const Job& job, const Training& training, std::int64_t ranks);

/// A model, its optimizer and its synthetic tokens: runs training steps as docs/runtime.md says. The same tokens return
/// in every step, so that the loss can fall.
class Trainer {
 public:
  /// Births what persists. Every rank of the communicator has a trainer of its own, and a host of its own where the job
  /// offloads. Throws InputError where the job is not one that can be run, RefusedAllocation.
  Trainer(kernels::Backend& backend, Memory& memory, const Job& job, const Training& training = {},
          Observer* observer = nullptr, Communicator& communicator = alone(), std::optional<Host> host = {});
  Trainer(const Trainer&) = delete;
  Trainer& operator=(const Trainer&) = delete;
  ~Trainer();

  /// One step. Returns the loss in front of its update, in nats a token.
  double step();

  /// The parameters, to be read and changed between steps.
  [[nodiscard]] Weights& weights();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace headroom::measure
