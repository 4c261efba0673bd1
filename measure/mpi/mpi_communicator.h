#pragma once

#include <map>

#include <headroom/measure/rank_place.h>

#include "mpi_group.h"

namespace headroom::measure::mpi {

/// MPI begins and ends with the object; one a process.
class Session {
 public:
  Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  ~Session();

  [[nodiscard]] static std::int64_t rank();
  [[nodiscard]] static std::int64_t ranks();
};

/// What the communicators of a program share: the wait they tell of, and how bf16 is summed.
struct Exchange {
  Waiting waiting = [](bool) {};
  Bf16Sum bf16_sum;
};

/// The groups of a rank of MPI_COMM_WORLD within a job (docs/runtime.md section 10).
class MpiCommunicator : public Communicator {
 public:
  /// `place` is this rank's. All ranks construct it together.
  MpiCommunicator(const RankPlace& place, const Exchange& exchange);

  [[nodiscard]] RankGroup& all() override { return all_; }
  [[nodiscard]] RankGroup& states() override { return states_; }
  [[nodiscard]] RankGroup& tensor() override { return tensor_; }
  [[nodiscard]] RankGroup& tensor(std::int64_t ranks) override;
  [[nodiscard]] RankGroup& sequence() override { return sequence_; }
  [[nodiscard]] RankGroup& ulysses() override { return ulysses_; }
  [[nodiscard]] RankGroup& ring() override { return ring_; }

 private:
  MpiGroup all_;
  MpiGroup states_;
  MpiGroup tensor_;
  std::map<std::int64_t, MpiGroup> tensor_runs_;  ///< of all lengths that divide the tensor group's
  MpiGroup sequence_;
  MpiGroup ulysses_;
  MpiGroup ring_;
};

}  // namespace headroom::measure::mpi
