#include <headroom/sim/max_batch.h>

#include <algorithm>
#include <utility>

#include <headroom/sim/chunks.h>

#include "limit_search.h"

namespace headroom::sim {
namespace {

/// Batches of a job, for a search: the position is the batch.
class Batches {
 public:
  explicit Batches(const Job& job) : job_(job), overhead_(at(1).overhead()) {}

  [[nodiscard]] const Job& job() const { return job_; }
  [[nodiscard]] Bytes overhead() const { return overhead_; }
  [[nodiscard]] static std::int64_t last() { return kLargestBatch; }

  [[nodiscard]] Bytes peak(std::int64_t b) const { return at(b).peak(job_.seq).allocated; }
  [[nodiscard]] Bytes bound_from(std::int64_t b) const {
    return least_from(b, [this](std::int64_t batch) { return peak(batch); });
  }
  [[nodiscard]] Bytes peak_without(Category vanished, std::int64_t b) const {
    return at(b).peak_without(vanished, job_.seq).allocated;
  }
  [[nodiscard]] Bytes bound_without_from(Category vanished, std::int64_t b) const {
    return least_from(b, [&](std::int64_t batch) { return peak_without(vanished, batch); });
  }
  [[nodiscard]] Bytes host_peak(std::int64_t b) const { return at(b).host_peak(job_.seq); }
  [[nodiscard]] Breakdown breakdown(std::int64_t b) const { return at(b).breakdown(job_.seq); }
  [[nodiscard]] Breakdown breakdown_without(Category vanished, std::int64_t b) const {
    return at(b).breakdown_without(vanished, job_.seq);
  }

 private:
  [[nodiscard]] Predictor at(std::int64_t batch) const {
    Job job = job_;
    job.batch = batch;
    return Predictor(job);
  }

  /// Small batches may have longer chunks; from the one with the shortest on, bytes never fall.
  template <class BytesAt>
  [[nodiscard]] static Bytes least_from(std::int64_t batch, BytesAt bytes_at) {
    Bytes least = bytes_at(batch);
    for (std::int64_t next = batch + 1; next <= kBatchOfShortestChunk; ++next) least = std::min(least, bytes_at(next));
    return least;
  }

  const Job& job_;
  Bytes overhead_;
};

}  // namespace

std::int64_t largest_batch(const Job& job) {
  const Batches batches(job);
  return LimitSearch(batches).position();
}

MaxBatch max_batch(const Job& job) {
  const Batches batches(job);
  AxisLimit limit = LimitSearch(batches).limit();
  const AxisWall& wall = limit.next_wall;
  MaxBatch answer;
  answer.batch = limit.position;
  answer.capacity = job.device.capacity.bytes;
  answer.breakdown = std::move(limit.breakdown);
  answer.shortfall = limit.shortfall;
  answer.next_wall = {wall.position, wall.moment, wall.binding};
  if (const auto& host = limit.host) answer.host = {host->needed, *job.host_memory, host->position, host->binds};
  return answer;
}

}  // namespace headroom::sim
