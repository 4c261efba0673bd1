#pragma once

#include <optional>
#include <string>
#include <vector>

#include <headroom/models/memory.h>
#include <headroom/models/record.h>
#include <headroom/sim/communication.h>
#include <headroom/sim/instant.h>
#include <headroom/sim/predictor.h>

namespace headroom::sim {

/// One figure measured and predicted.
struct CheckedFigure {
  Bytes measured;
  Bytes predicted;
  Bytes tolerance;  ///< largest accepted distance

  [[nodiscard]] Bytes difference() const { return measured - predicted; }
  [[nodiscard]] bool agrees() const { return difference() <= tolerance && Bytes() - difference() <= tolerance; }
};

/// A figure of one category of tensors.
struct CheckedCategory {
  Category category{};
  CheckedFigure figure;
};

/// What is offloaded to the host, at its own peak; tolerance 0 bytes.
struct CheckedHost {
  CheckedFigure total;
  std::vector<CheckedCategory> categories;

  [[nodiscard]] bool agrees() const;
};

/// What a rank sent in a step beside the prediction for it; no tolerance.
struct CheckedSent {
  Sent measured;
  Sent predicted;

  [[nodiscard]] bool agrees() const { return measured == predicted; }
};

/// One rank's tensors beside the prediction, which is the same for every rank; tolerance 0 bytes.
struct CheckedRank {
  std::int64_t rank = 0;
  CheckedFigure total;
  std::vector<CheckedCategory> categories;
  std::optional<CheckedHost> host;  ///< where the record or the prediction has it
  std::optional<CheckedSent> sent;  ///< where the record has it

  [[nodiscard]] bool agrees() const;
};

/// How far what the operating system saw may be from a prediction of so many bytes: 2 % + 16 MiB.
[[nodiscard]] Bytes witness_tolerance(Bytes predicted);

/// A prediction beside a record: the only place where the two meet.
struct Check {
  CheckedFigure total;                      ///< allocated at the peak; tolerance 0 bytes
  std::vector<CheckedCategory> categories;  ///< those that are not zero on both sides; tolerance 0 bytes
  std::optional<CheckedFigure> witness;     ///< where the record has one. CUPTI's: tolerance 0 bytes. The operating
                                            ///< system's, from a total of 1 GiB on: witness_tolerance()
  std::optional<CheckedFigure> device;      ///< all that the program took of the device, where the record has it and
                                            ///< the job's device was calibrated: the larger of 1 % and 64 MiB
  std::optional<CheckedHost> host;          ///< where the record or the prediction has it
  std::vector<CheckedRank> ranks;           ///< every rank, where the record has several
  Moment predicted_peak;

  [[nodiscard]] bool agrees() const;
};

/// Predicts the record's job at its length and compares. The peak's category bytes are those at the first peak instant
/// of either side. Throws InputError where the job is refused or has no length, or where the record does not have every
/// rank of its job.
[[nodiscard]] Check check(const Record& record);
/// The same against a prediction that was made already.
[[nodiscard]] Check check(const Record& record, const Breakdown& predicted);

}  // namespace headroom::sim
