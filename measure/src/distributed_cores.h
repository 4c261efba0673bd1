#pragma once

#include <memory>

#include <headroom/models/job.h>

#include "attention_core.h"

/// What surrounds or replaces an attention core where ranks share a sequence (docs/runtime.md section 10.1).
namespace headroom::measure {

/// Queries distributed, keys and values everywhere.
[[nodiscard]] std::unique_ptr<const AttentionCore> lss_core(const AttentionCore& inner);
/// Heads for tokens.
[[nodiscard]] std::unique_ptr<const AttentionCore> ulysses_core(const AttentionCore& inner);
/// Keys and values pass by.
[[nodiscard]] const AttentionCore& ring_core();

/// The job's core with what surrounds it.
class CoreOfJob {
 public:
  explicit CoreOfJob(const Job& job);
  [[nodiscard]] const AttentionCore& get() const { return outer_ ? *outer_ : inner_; }

 private:
  const AttentionCore& inner_;
  std::unique_ptr<const AttentionCore> outer_;
};

}  // namespace headroom::measure
