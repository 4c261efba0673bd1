#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <headroom/models/bytes.h>
#include <headroom/models/checked.h>
#include <headroom/models/job.h>
#include <headroom/models/named.h>

namespace headroom::sim {

/// What a rank sends to other ranks, counted as docs/runtime.md section 10.5 counts it. A message is a tensor, or a
/// part of one, to one other rank. Nothing is sent to oneself, and an empty part is no message. With n ranks, of a
/// tensor T:
///   all-to-all      the n - 1 pieces that other ranks read; a piece that several of them read is sent to each
///   all-gather      the rank's part of T, to each of the n - 1 others
///   reduce-scatter  each of the n - 1 others' parts of T
///   all-reduce      both: its bandwidth-optimal form (Rajbhandari et al., arXiv 1910.02054 section 7.1)
///   ring            T to the next rank
/// So it is counted whatever algorithm a library has for it.
struct Sent {
  Bytes bytes;
  std::int64_t messages = 0;

  bool operator==(const Sent&) const = default;
  /// Throws OverflowError, as the operators below.
  Sent& operator+=(const Sent& other);
  [[nodiscard]] friend Sent operator+(Sent a, const Sent& b) { return a += b; }
  [[nodiscard]] friend Sent operator*(std::int64_t n, const Sent& sent) {
    return {n * sent.bytes, checked_mul(n, sent.messages)};
  }
};

/// What a message is for.
enum class Purpose : std::uint8_t { sequence, tensor, pipeline, parameters, gradients, loss };
inline constexpr std::size_t kPurposeCount = 6;

/// What a rank sends, by what it is for.
struct SentByPurpose {
  std::array<Sent, kPurposeCount> sent{};

  [[nodiscard]] Sent& operator[](Purpose purpose) { return sent[static_cast<std::size_t>(purpose)]; }
  [[nodiscard]] const Sent& operator[](Purpose purpose) const { return sent[static_cast<std::size_t>(purpose)]; }
  [[nodiscard]] Sent total() const;

  bool operator==(const SentByPurpose&) const = default;
  SentByPurpose& operator+=(const SentByPurpose& other);
  [[nodiscard]] friend SentByPurpose operator+(SentByPurpose a, const SentByPurpose& b) { return a += b; }
  [[nodiscard]] friend SentByPurpose operator*(std::int64_t n, SentByPurpose by_purpose) {
    for (Sent& each : by_purpose.sent) each = n * each;
    return by_purpose;
  }
};

/// What a unit of parameters sends in one micro-batch.
struct UnitCommunication {
  SentByPurpose forward;
  SentByPurpose recompute;  ///< nothing where forward keeps what backward reads
  SentByPurpose backward;

  [[nodiscard]] SentByPurpose total() const { return forward + recompute + backward; }
};

/// One of the layers that send the same.
struct LayerCommunication {
  std::size_t kind = 0;     ///< the first such in Transformer::kinds
  std::int64_t layers = 0;  ///< how many there are
  UnitCommunication each;
};

/// What one rank sends in a training step, or in all passes of inference, part by part. All figures are exact.
struct Communication {
  std::vector<LayerCommunication> layers;  ///< in the order in which a first one comes
  UnitCommunication embedding;             ///< with the position table
  UnitCommunication head;                  ///< from the final norm to its backward; forward has the loss's all-reduce
  UnitCommunication boundaries;            ///< of the runs of a pipeline stage
  SentByPurpose reduction;                 ///< once a step: whole gradients are summed over the ranks
  SentByPurpose update;                    ///< once a step: updated parts of parameters are gathered (ZeRO-1, ZeRO-2)

  /// All layers, embedding, head and boundaries: once a micro-batch.
  [[nodiscard]] SentByPurpose micro_batch() const;
  /// A whole step of `micro_batches`, at least 1.
  [[nodiscard]] SentByPurpose step(std::int64_t micro_batches = 1) const;
};

/// What rank `rank` of the job's ranks sends; nothing where it is the only one. Ranks send the same except where a
/// parameter's elements do not divide by the ranks: then shards differ (docs/runtime.md section 10.2).
/// Sources: sums of tensor parallelism (arXiv 1909.08053 section 3) and Megatron-SP (arXiv 2205.05198 section 4.2),
/// all-to-alls of DeepSpeed-Ulysses (arXiv 2309.14509, section on communication), the ring of Ring Attention
/// (arXiv 2310.01889 section 3), gathers of LSS (arXiv 2311.02382 section 3), volumes of ZeRO (arXiv 1910.02054
/// section 7). Throws InputError where the job is refused, `seq` is below 1 or not a multiple of the sequence ranks, or
/// the job has no such rank; OverflowError where 64 bits do not suffice.
[[nodiscard]] Communication communication(const Job& job, Tokens seq, std::int64_t rank = 0);

}  // namespace headroom::sim

namespace headroom {

template <>
std::span<const Named<sim::Purpose>> values_of<sim::Purpose>();

}  // namespace headroom
